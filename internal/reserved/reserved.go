// Package reserved keeps what a request says of itself and what the client says for it apart:
// the header of the token and Host are the client's, however they are written.
//
// Everything here is safe for concurrent use, as reads of a header are.
package reserved

import (
	"maps"
	"net/http"
	"strings"
)

// Authorization is the name of the header that has the token, unless another one does.
const Authorization = "Authorization"

// roomy is how many entries fit into a map that was made for fewer. A clone of a larger
// map may have no room for one more, and would be copied once again.
const roomy = 8

// With returns a copy of a header in which that of the token, whose canonical name it is, is set
// once, whatever its spelling was. A Host is left out: net/http ignores just one spelling of it.
func With(h http.Header, name string, value []string) http.Header {
	var out http.Header
	if len(h) < roomy && !In(h, name) {
		out = maps.Clone(h) // faster than name by name
	}
	if out == nil {
		out = Without(h, name, 1)
	}
	out[name] = value
	return out
}

// Without returns a copy of a header without that of the token and Host, in any spelling,
// with room for more entries.
func Without(h http.Header, token string, more int) http.Header {
	out := make(http.Header, len(h)+more)
	for name, values := range h {
		if !isReserved(name, token) {
			out[name] = values
		}
	}
	return out
}

// In reports whether a header has that of the token, or Host. It counts the names that most
// requests have, and no others, before it looks at each name: to go through a map takes three
// times as long as to find these in it.
func In(h http.Header, token string) bool {
	others := len(h)
	if _, ok := h["Accept"]; ok {
		others--
	}
	if _, ok := h["Content-Type"]; ok {
		others--
	}
	if _, ok := h["User-Agent"]; ok {
		others--
	}
	if others == 0 {
		return false
	}
	for name := range h {
		if isReserved(name, token) {
			return true
		}
	}
	return false
}

func isReserved(name, token string) bool {
	return len(name) == len(token) && strings.EqualFold(name, token) ||
		len(name) == len("Host") && strings.EqualFold(name, "Host")
}

// overrides are the headers by which frameworks take a request for one with another method.
var overrides = []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}

// Override returns the name of such a header, "" if there is none. Some servers take
// underscores for hyphens.
func Override(h http.Header) string {
	for name := range h {
		for _, override := range overrides {
			if strings.EqualFold(strings.ReplaceAll(name, "_", "-"), override) {
				return override
			}
		}
	}
	return ""
}

// Rewrite returns the name of a header by which servers, IIS and some frameworks, take a request
// for one of another path, "" if there is none. Some take underscores for hyphens.
func Rewrite(h http.Header) string {
	for name := range h {
		switch plain := http.CanonicalHeaderKey(strings.ReplaceAll(name, "_", "-")); plain {
		case "X-Original-Url", "X-Rewrite-Url", "X-Override-Url":
			return plain
		}
	}
	return ""
}
