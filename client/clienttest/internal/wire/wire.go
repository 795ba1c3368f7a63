// Package wire is what the fake does below HTTP: answers that wait, and connections
// that end.
package wire

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Abort closes the connection of the request that is being answered. It does not
// return.
func Abort() { panic(http.ErrAbortHandler) }

// Wait waits, at most until the context ends, which it does when the client leaves or
// the server closes. It reports whether there is still somebody to answer.
func Wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

type connKey struct{}

// WithConn is http.Server.ConnContext for Reset.
func WithConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// Reset closes the connection of a request at once; what is on its way is thrown away.
// It does not return.
func Reset(ctx context.Context) {
	conn := ctx.Value(connKey{})
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if c, ok := conn.(interface{ SetLinger(int) error }); ok {
		c.SetLinger(0)
	}
	Abort()
}
