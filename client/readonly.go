package client

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/advoware-go/advoware/internal/reserved"
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

// checkReadOnly says why a request is refused where only reading is permitted.
func checkReadOnly(req *http.Request) error {
	if !readOnly(req.Method) {
		return &RequestError{fmt.Errorf("%w: the method %.20q is not GET, HEAD or OPTIONS", ErrReadOnly, req.Method)}
	}
	if override := reserved.Override(req.Header); override != "" {
		return &RequestError{fmt.Errorf("%w: the header %s makes another request of it", ErrReadOnly, override)}
	}
	return nil
}
