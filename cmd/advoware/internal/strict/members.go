// Package strict reads requests in JSON, and says by name what is wrong with them. It
// refuses what encoding/json takes without a word: members that are not known, or there
// twice, or in another letter case.
package strict

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Members are those that an object may have, each with where its value goes: a pointer,
// or a function that takes the JSON of it.
type Members map[string]any

// With adds those of others, and returns m.
func (m Members) With(others Members) Members {
	maps.Copy(m, others)
	return m
}

// MaxBody is how many bytes a body may have.
const MaxBody = 64 << 10

// Only is Read for a caller that does not need the JSON itself.
func Only(w http.ResponseWriter, r *http.Request, m Members) error {
	_, err := Read(w, r, m)
	return err
}

// Read reads the body of a request, and returns the JSON too. A body is not needed where
// no member is known.
func Read(w http.ResponseWriter, r *http.Request, m Members) (json.RawMessage, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, Refusef(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", MaxBody)
	} else if err != nil {
		return nil, Refusef(http.StatusRequestTimeout, "the body did not arrive")
	}
	if len(body) == 0 && len(m) == 0 {
		return nil, nil
	}
	if kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" ||
		params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, Refusef(http.StatusUnsupportedMediaType, "Content-Type must be application/json (curl has --json for that)")
	}
	if !utf8.Valid(body) {
		return nil, errors.New("the body is not UTF-8")
	}
	return body, m.Decode(body, "")
}

// Decode reads an object; in names where it is, with a dot at the end.
func (m Members) Decode(text []byte, in string) error {
	where := cmp.Or(strings.TrimSuffix(in, "."), "the body")
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil && t == nil && !json.Valid(text) {
		return fmt.Errorf("%s is not JSON", where)
	} else if t != json.Delim('{') {
		return fmt.Errorf("%s must be one object in JSON", where)
	}
	if !json.Valid(text) { // a second value after the first one, too
		return fmt.Errorf("%s must be one object in JSON, and is broken", where)
	}
	seen := make(map[string]bool)
	for dec.More() {
		name, _ := dec.Token()
		key, _ := name.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return fmt.Errorf("%s is not JSON", where)
		}
		to, known := m[key]
		switch {
		case !known:
			return fmt.Errorf("%s is not known: the members are %s", in+quoted(key), m.names())
		case seen[key]:
			return fmt.Errorf("%s%s is there twice", in, key)
		}
		seen[key] = true
		err := Value(value, to)
		if _, says := errors.AsType[*Inner](err); says {
			return err
		}
		if err != nil {
			return fmt.Errorf("%s%s %w", in, key, err)
		}
	}
	return nil
}

func quoted(name string) string {
	if name != "" && len(name) < 40 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == "" {
		return name
	}
	return Cut(name)
}

func (m Members) names() string {
	if len(m) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

// Query reads the query of a request, as strictly as Read does the body: a misspelt
// parameter is an error here. The pointers are to text or whole numbers.
func Query(r *http.Request, m Members) error {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return errors.New("the query cannot be read")
	}
	for name, all := range values {
		to, known := m[name]
		switch {
		case !known:
			return fmt.Errorf("%s is not known: the parameters are %s", quoted(name), m.names())
		case len(all) != 1:
			return fmt.Errorf("%s is there twice", name)
		}
		switch to := to.(type) {
		case *string:
			*to = all[0]
		case *int:
			n, err := strconv.Atoi(all[0])
			if err != nil || n < 0 {
				return fmt.Errorf("%s must be a whole number from 0 on", name)
			}
			*to = n
		}
	}
	return nil
}
