package replay

import (
	"context"
	"net/http"
)

type resendKey struct{}

// Numbered returns req for an attempt that follows n others, with a context that says so;
// req itself for the first.
func Numbered(req *http.Request, n int) *http.Request {
	if n == 0 {
		return req
	}
	return req.WithContext(context.WithValue(req.Context(), resendKey{}, n))
}

// Resends returns how many attempts of the same request came before the one with this
// context. Redirects are not among them.
func Resends(ctx context.Context) int {
	n, _ := ctx.Value(resendKey{}).(int)
	return n
}
