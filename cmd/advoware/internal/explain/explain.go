// Package explain tells a person who runs a command what happens, step by step: where the
// Kanzlei is reached, where the token comes from, which requests are made, and how long each
// took. It reads what the library logs, and shows no secret.
package explain

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/advoware-go/advoware/cmd/advoware/internal/terminal"
)

// Explainer writes a line for each step. Make it with [New]; it is safe for concurrent use.
// A nil Explainer says nothing.
type Explainer struct {
	// NearIsRedis says that the process keeps no tokens, and each is read from Redis.
	NearIsRedis bool

	mu    sync.Mutex
	to    io.Writer
	began time.Time
}

// New returns an Explainer that writes to w.
func New(w io.Writer) *Explainer { return &Explainer{to: w, began: time.Now()} }

// Sayf writes a line, with the time since New in front.
func (e *Explainer) Sayf(format string, values ...any) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	_, _ = fmt.Fprintf(e.to, "* %6.3fs  %s\n", time.Since(e.began).Seconds(), terminal.Escape(fmt.Sprintf(format, values...)))
}

// call is what is known of one call under way.
type call struct {
	mu    sync.Mutex
	began time.Time
	asked time.Time // when a connection was last asked for
	host  string
	tls   time.Time
	shook time.Duration
}

type callKey struct{}

// Call returns a context for one call, whose connections are explained too.
func (e *Explainer) Call(ctx context.Context) context.Context {
	if e == nil {
		return ctx
	}
	c := &call{began: time.Now()}
	locked := func(do func()) { c.mu.Lock(); defer c.mu.Unlock(); do() }
	trace := &httptrace.ClientTrace{
		GetConn: func(host string) {
			locked(func() { c.asked, c.host, c.shook = time.Now(), host, 0 })
		},
		TLSHandshakeStart: func() { locked(func() { c.tls = time.Now() }) },
		TLSHandshakeDone: func(tls.ConnectionState, error) {
			locked(func() { c.shook = time.Since(c.tls) })
		},
		GotConn: func(info httptrace.GotConnInfo) {
			if info.Reused {
				return
			}
			var host, with string
			var took time.Duration
			locked(func() {
				host, took = c.host, time.Since(c.asked)
				if c.shook > 0 {
					with = ", TLS " + short(c.shook) + " of it"
				}
			})
			e.Sayf("connected to %s (%s%s)", host, short(took), with)
		},
	}
	return httptrace.WithClientTrace(context.WithValue(ctx, callKey{}, c), trace)
}

// times returns how long it took from the beginning of a call to its last request, and that
// request.
func (c *call) times() (lookup, request time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked.IsZero() {
		return 0, time.Since(c.began)
	}
	return c.asked.Sub(c.began), time.Since(c.asked)
}

// short returns a duration for a person.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}
