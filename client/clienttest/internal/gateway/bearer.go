package gateway

import (
	"net/http"
	"strings"
)

// Bearer returns the token of a request that has exactly one Authorization header, and
// whether it is of that scheme. The case of the scheme does not matter (RFC 9110, section
// 11.1): the answer with a token calls it "bearer", and programs send what it says.
func Bearer(h http.Header) (token string, ok bool) {
	values := h["Authorization"]
	if len(values) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return token, true
}
