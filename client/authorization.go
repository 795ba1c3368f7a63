package client

import (
	"maps"
	"net/http"
	"strings"
)

const authorization = "Authorization"

// roomy is how many entries fit into a map that was made for fewer. A clone of a larger
// map may have no room for one more, and would be copied once again.
const roomy = 8

// withAuthorization returns a copy of a header in which Authorization is set once,
// whatever its spelling was. A Host is left out: net/http ignores just one spelling of it.
func withAuthorization(h http.Header, value []string) http.Header {
	var out http.Header
	if len(h) < roomy && !hasReserved(h) {
		out = maps.Clone(h) // faster than name by name
	}
	if out == nil {
		out = withoutReserved(h, 1)
	}
	out[authorization] = value
	return out
}

// withoutReserved returns a copy of a header without the reserved names, in any spelling,
// with room for more entries.
func withoutReserved(h http.Header, more int) http.Header {
	out := make(http.Header, len(h)+more)
	for name, values := range h {
		if !isReserved(name) {
			out[name] = values
		}
	}
	return out
}

// hasReserved counts the names that most requests have, and no others, before it looks at
// each name: to go through a map takes three times as long as to find these in it.
func hasReserved(h http.Header) bool {
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
	return len(name) == len(authorization) && strings.EqualFold(name, authorization) ||
		len(name) == len("Host") && strings.EqualFold(name, "Host")
}
