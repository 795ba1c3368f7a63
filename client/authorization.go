package client

import (
	"maps"
	"net/http"
	"strings"
)

const authorization = "Authorization"

// roomy is how many entries a map has room for that was made for fewer. A clone of a
// larger one may have no room for one more, and would be copied once again.
const roomy = 8

// withAuthorization copies a header and sets Authorization in the copy, and nowhere
// else however it is written.
func withAuthorization(h http.Header, value []string) http.Header {
	var out http.Header
	if len(h) < roomy && !hasAuthorization(h) {
		out = maps.Clone(h) // faster than name by name
	}
	if out == nil {
		out = withoutAuthorization(h, 1)
	}
	out[authorization] = value
	return out
}

// withoutAuthorization copies a header with room for so many more, without
// Authorization however it is written.
func withoutAuthorization(h http.Header, more int) http.Header {
	out := make(http.Header, len(h)+more)
	for name, values := range h {
		if !isAuthorization(name) {
			out[name] = values
		}
	}
	return out
}

func hasAuthorization(h http.Header) bool {
	for name := range h {
		if isAuthorization(name) {
			return true
		}
	}
	return false
}

func isAuthorization(name string) bool {
	return len(name) == len(authorization) && strings.EqualFold(name, authorization)
}
