package roundtrip

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
)

type passingKey struct{}

// Passing returns a context for requests that a proxy passes on. What is compressed in an
// answer stays so, since it was asked for by somebody else, or was not asked for. How long a
// request takes is bounded by the proxy and by nobody else.
func Passing(ctx context.Context) context.Context {
	return context.WithValue(ctx, passingKey{}, true)
}

// IsPassing reports whether ctx comes from Passing.
func IsPassing(ctx context.Context) bool { return ctx.Value(passingKey{}) != nil }

// unchanged makes, when it is first needed, a transport that leaves what is compressed as it
// is: net/http decides that by the transport, and not by the request.
type unchanged struct {
	made atomic.Pointer[http.Transport]
	mu   sync.Mutex
}

func (u *unchanged) of(base *http.Transport) *http.Transport {
	if t := u.made.Load(); t != nil {
		return t
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	t := u.made.Load()
	if t == nil {
		t = base.Clone()
		t.DisableCompression = true
		u.made.Store(t)
	}
	return t
}

// RoundTrip implements http.RoundTripper.
func (g *generation) RoundTrip(req *http.Request) (*http.Response, error) {
	if !IsPassing(req.Context()) {
		return g.Transport.RoundTrip(req)
	}
	return g.unchanged.of(g.Transport).RoundTrip(req)
}

// CloseIdleConnections closes connections that no request uses.
func (g *generation) CloseIdleConnections() {
	g.Transport.CloseIdleConnections()
	if t := g.unchanged.made.Load(); t != nil {
		t.CloseIdleConnections()
	}
}
