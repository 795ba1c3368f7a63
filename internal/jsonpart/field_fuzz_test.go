package jsonpart_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/jsonpart"
)

// FuzzField: a field is what a walk through the decoded value finds, of the last member of a
// name, or a ShapeError that does not say more of the name than its beginning.
func FuzzField(f *testing.F) {
	for _, s := range [][2]string{
		{`{"a":{"b/c":1,"~":null},"n":null}`, "a/b~1c"}, {`{"a":1,"a":[2]}`, "a"}, {`{"A":1}`, "a"}, {`{"":{"":2}}`, "/"}, {`[1]`, "0"}, {`null`, "x/y"},
		{`{"a\u0062":3}`, "/ab"}, {`{"a":{"b":1}}`, "a/b/c"}, {`"x"`, ""}, {`{"~01":1}`, "~01"}, {`{"\ud800":1}`, "\xff"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		if !json.Valid([]byte(text)) {
			return
		}
		got, err := jsonpart.Field(json.RawMessage(text), path)
		want, found := walk(text, path)
		if _, ok := errors.AsType[*jsonpart.ShapeError](err); found != (err == nil) || !ok && err != nil {
			t.Fatalf("%q of %s: %s, %v; want %v, found %v", path, text, got, err, want, found)
		}
		if err != nil {
			if len(err.Error()) > 600 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			return
		}
		var value any
		if err := json.Unmarshal(got, &value); err != nil || !reflect.DeepEqual(value, want) || !strings.Contains(text, string(got)) {
			t.Fatalf("%q of %s: %s, %v; want %v", path, text, got, err, want)
		}
	})
}

// walk finds a field in a decoded value.
func walk(text, path string) (value any, found bool) {
	if json.Unmarshal([]byte(text), &value) != nil {
		return nil, false
	}
	for _, name := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		if value == nil {
			return nil, true
		}
		members, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = members[strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")]; !ok {
			return nil, false
		}
	}
	return value, true
}
