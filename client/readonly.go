package client

import "net/http"

// readOnly reports whether a method changes nothing. Methods are case-sensitive.
func readOnly(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}
