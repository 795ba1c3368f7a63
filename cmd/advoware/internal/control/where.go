package control

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/strict"
)

// where reads conditions, all of which a request must meet. It is compared as it came,
// secrets included.
func where(to *func(*clienttest.Request) bool) func(json.RawMessage) error {
	return func(value json.RawMessage) error {
		var method, kanzlei, path, token, body *string
		var query, header map[string]string
		err := strict.Members{
			"method": optional(&method), "kanzlei": optional(&kanzlei), "path": optional(&path), "token": optional(&token), "body": optional(&body),
			"query": &query, "header": &header,
		}.Decode(value, "where.")
		if err != nil {
			return strict.Within(err)
		}
		*to = func(r *clienttest.Request) bool {
			same := func(want *string, got string) bool { return want == nil || *want == got }
			if !same(method, r.Method) || !same(kanzlei, r.Kanzlei) || !same(path, pathOf(r)) || !same(token, r.Token) ||
				body != nil && !strings.Contains(string(r.Body), *body) {
				return false
			}
			for name, want := range query {
				if !r.Query.Has(name) || r.Query.Get(name) != want {
					return false
				}
			}
			for name, want := range header {
				if r.Header.Get(name) != want {
					return false
				}
			}
			return true
		}
		return nil
	}
}

// optional reads text that may be absent.
func optional(to **string) func(json.RawMessage) error {
	return func(value json.RawMessage) error {
		*to = new(string)
		return strict.Value(value, *to)
	}
}

// pathOf is the path as faults match it, without escapes.
func pathOf(r *clienttest.Request) string {
	if path, err := url.PathUnescape(r.Path); err == nil {
		return path
	}
	return r.Path
}
