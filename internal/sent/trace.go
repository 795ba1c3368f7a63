package sent

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

// Trace is what net/http tells of an attempt: whether it had a connection. A nil *Trace
// knows nothing.
type Trace struct {
	trace     httptrace.ClientTrace
	connected atomic.Bool
	resends   atomic.Bool // see resends; a Base may still use what an attempt before had
}

// New returns a Trace, and ctx as the context of a request that it looks at.
func New(ctx context.Context) (*Trace, context.Context) {
	t := new(Trace)
	t.trace.GotConn = func(httptrace.GotConnInfo) { t.connected.Store(true) }
	t.trace.GetConn = func(string) { // for a second time if nothing was written to the first connection
		if !t.resends.Load() {
			t.connected.Store(false)
		}
	}
	return t, httptrace.WithClientTrace(ctx, &t.trace)
}

// Begin says that an attempt begins, by which request and what sends it. What became of
// the one before is known.
func (t *Trace) Begin(base http.RoundTripper, req *http.Request) {
	if t != nil {
		t.resends.Store(resends(base, req))
		t.connected.Store(false)
	}
}

// resends reports whether base may send a request again that may have been carried out.
// net/http does so if an Idempotency-Key says that this does no harm.
func resends(base http.RoundTripper, req *http.Request) bool {
	return !tells(base) || req.Header["Idempotency-Key"] != nil || req.Header["X-Idempotency-Key"] != nil
}

// tells reports whether base tells when it has a connection.
func tells(base http.RoundTripper) bool {
	switch base.(type) {
	case *http.Transport, *roundtrip.Transport:
		return true
	}
	return false
}

// Of returns the error of an attempt as one that matches ErrNot or ErrMaybe. What is not
// known counts as sent.
func Of(err error, base http.RoundTripper, t *Trace) error {
	not := roundtrip.Unconnected(err) || errors.Is(err, ErrNot)
	if t != nil {
		not = !t.connected.Load() && (not || tells(base))
	}
	if not && !errors.Is(err, ErrMaybe) { // a base may know better
		return Not(err)
	}
	return Maybe(err)
}
