package jsonbody_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/jsonbody"
)

// The bodies that are refused, and those that are not, are in the tests of package client.
func TestEncode(t *testing.T) {
	for want, v := range map[string]any{
		`{"a":"<b>"}`: map[string]string{"a": "<b>"},
		`[1, 2]`:      json.RawMessage(`[1, 2]`),
		`null`:        nil,
	} {
		if got, err := jsonbody.Encode(v); err != nil || string(got) != want {
			t.Errorf("%#v: %s, %v; want %s", v, got, err, want)
		}
	}
	for _, v := range []any{strings.NewReader("{}"), []byte("{}"), "{}", json.RawMessage("{"), map[string]any{"a": []any{strings.NewReader("")}}, make(chan int)} {
		if got, err := jsonbody.Encode(v); err == nil {
			t.Errorf("%T: %s", v, got)
		}
	}
}

// A value that leads back to itself is an error, and not an endless search.
func TestEncodeOfWhatHasNoEnd(t *testing.T) {
	type ring struct {
		Next *ring
		Any  any
	}
	r := new(ring)
	r.Next = r
	if got, err := jsonbody.Encode(r); err == nil {
		t.Errorf("%s", got)
	}
	type pointer *pointer
	var p pointer
	p = &p
	if got, err := jsonbody.Encode(p); err == nil {
		t.Errorf("%s", got)
	}
}
