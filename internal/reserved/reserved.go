// Package reserved keeps what a request says of itself and what the client says for it apart:
// Authorization and Host are the client's, however they are written.
//
// Everything here is safe for concurrent use, as reads of a header are.
package reserved

import (
	"maps"
	"net/http"
	"strings"
)

// Authorization is the name of the header with the token.
const Authorization = "Authorization"

// roomy is how many entries fit into a map that was made for fewer. A clone of a larger
// map may have no room for one more, and would be copied once again.
const roomy = 8

// With returns a copy of a header in which Authorization is set once,
// whatever its spelling was. A Host is left out: net/http ignores just one spelling of it.
func With(h http.Header, value []string) http.Header {
	var out http.Header
	if len(h) < roomy && !In(h) {
		out = maps.Clone(h) // faster than name by name
	}
	if out == nil {
		out = Without(h, 1)
	}
	out[Authorization] = value
	return out
}

// Without returns a copy of a header without the reserved names, in any spelling,
// with room for more entries.
func Without(h http.Header, more int) http.Header {
	out := make(http.Header, len(h)+more)
	for name, values := range h {
		if !isReserved(name) {
			out[name] = values
		}
	}
	return out
}

// In counts the names that most requests have, and no others, before it looks at
// each name: to go through a map takes three times as long as to find these in it.
func In(h http.Header) bool {
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
		if isReserved(name) {
			return true
		}
	}
	return false
}

func isReserved(name string) bool {
	return len(name) == len(Authorization) && strings.EqualFold(name, Authorization) ||
		len(name) == len("Host") && strings.EqualFold(name, "Host")
}
