package jsonpart_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/jsonpart"
)

func TestField(t *testing.T) {
	const text = `{"a":{"b/c":1,"~":null},"n":null}`
	for name, want := range map[string]string{"a/b~1c": "1", "/a/b~1c": "1", "a/~0": "null", "a/~0/x": "null", "n/x/y": "null", "a": `{"b/c":1,"~":null}`} {
		if got, err := jsonpart.Field(json.RawMessage(text), name); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, want)
		}
	}
	for name, says := range map[string]string{"b": `no field "b"`, "a/b": `no field "b"`, "a/b~1c/x": "no object"} {
		got, err := jsonpart.Field(json.RawMessage(text), name)
		if _, ok := errors.AsType[*jsonpart.ShapeError](err); !ok || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %s, %v; want %s", name, got, err, says)
		}
	}
}
