package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Value reads the JSON of one member.
func Value(value json.RawMessage, to any) error {
	if f, ok := to.(func(json.RawMessage) error); ok {
		return f(value)
	}
	what := ""
	switch to := to.(type) {
	case *time.Duration:
		return Duration(value, to)
	case *http.Header:
		return header(value, to)
	case *string:
		what = "text"
	case *int:
		what = "a whole number"
	case *bool:
		what = "true or false"
	case *[]string:
		return texts(value, to)
	case *map[string]string:
		var all map[string]*string
		if string(value) == "null" || json.Unmarshal(value, &all) != nil || slices.Contains(slices.Collect(maps.Values(all)), nil) {
			return errors.New("must be an object of texts")
		}
		*to = make(map[string]string, len(all))
		for name, text := range all {
			(*to)[name] = *text
		}
		return nil
	}
	if string(value) == "null" || json.Unmarshal(value, to) != nil {
		return fmt.Errorf("must be %s", what)
	}
	return nil
}

// texts reads an array. To encoding/json a null in it would be "".
func texts(value json.RawMessage, to *[]string) error {
	var all []*string
	if string(value) == "null" || json.Unmarshal(value, &all) != nil || slices.Contains(all, nil) {
		return errors.New("must be an array of texts")
	}
	*to = nil
	for _, text := range all {
		*to = append(*to, *text)
	}
	return nil
}

// maxDuration is more than any test waits, and far from an overflow.
const maxDuration = 1000 * 24 * time.Hour

// Duration reads a number of seconds, or a text such as "250ms".
func Duration(value json.RawMessage, to *time.Duration) error {
	var text string
	var seconds float64
	switch {
	case string(value) == "null":
	case json.Unmarshal(value, &text) == nil:
		if d, err := time.ParseDuration(text); err == nil && d.Abs() <= maxDuration {
			*to = d
			return nil
		}
	case json.Unmarshal(value, &seconds) == nil && math.Abs(seconds) <= maxDuration.Seconds():
		*to = time.Duration(math.Round(seconds * float64(time.Second)))
		return nil
	}
	return fmt.Errorf(`must be a number of seconds, or a text such as "250ms" or "55m", of at most %v`, maxDuration)
}

// header reads an object of texts or of arrays of texts.
func header(value json.RawMessage, to *http.Header) error {
	var raw map[string]json.RawMessage
	if string(value) == "null" || json.Unmarshal(value, &raw) != nil {
		return errors.New("must be an object")
	}
	h := make(http.Header)
	for name, value := range raw {
		var one string
		var all []string
		if string(value) == "null" || json.Unmarshal(value, &one) != nil {
			if texts(value, &all) != nil {
				return fmt.Errorf("has something else than text in %s", Cut(name))
			}
		} else {
			all = []string{one}
		}
		if !isToken(name) {
			return fmt.Errorf("has %s, which is no name of a header", Cut(name))
		}
		for _, v := range all {
			if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				return fmt.Errorf("has a control character in %s", Cut(name))
			}
			h.Add(name, v)
		}
	}
	*to = h
	return nil
}

// isToken reports whether a text can be the name of a header (RFC 9110, 5.6.2).
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
