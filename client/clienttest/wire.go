package clienttest

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

// cut sends half of the answer and closes the connection.
func (a *answer) cut(w http.ResponseWriter) {
	if len(a.body) > 0 {
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		a.body = a.body[:len(a.body)/2]
		a.send(w)
		http.NewResponseController(w).Flush()
	}
	abort()
}

// abort closes the connection.
func abort() { panic(http.ErrAbortHandler) }

// wait waits, at most until the client goes or the server closes, and reports
// whether somebody is still there.
func wait(ctx context.Context, d time.Duration) bool {
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

// withConn makes the connection known to its requests, so that they can reset it.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// reset closes the connection at once; what is on its way is thrown away.
func reset(ctx context.Context) {
	if c, ok := ctx.Value(connKey{}).(interface{ SetLinger(int) error }); ok {
		c.SetLinger(0)
	}
	abort()
}
