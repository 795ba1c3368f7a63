package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ErrReadOnly is a request other than GET, HEAD or OPTIONS, where Config.ReadOnly permits no
// other, or one with a header that makes another method of it. It comes in a
// [*RequestError], and matches ErrNotSent: no token was asked for either.
var ErrReadOnly = errors.New("client: only reading is permitted")

// readOnly reports whether a method changes nothing. Methods are case-sensitive.
func readOnly(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

// overrides are the headers by which frameworks take a request for one with another method.
var overrides = []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}

// checkReadOnly says why a request is refused where only reading is permitted.
func checkReadOnly(req *http.Request) error {
	if !readOnly(req.Method) {
		return &RequestError{fmt.Errorf("%w: the method %.20q is not GET, HEAD or OPTIONS", ErrReadOnly, req.Method)}
	}
	for name := range req.Header {
		for _, override := range overrides {
			if strings.EqualFold(strings.ReplaceAll(name, "_", "-"), override) { // some servers take one for the other
				return &RequestError{fmt.Errorf("%w: the header %s makes another request of it", ErrReadOnly, override)}
			}
		}
	}
	return nil
}
