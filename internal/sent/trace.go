package sent

import (
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
}

// Begin returns a Trace of one attempt to send a request by base, and the request to send,
// whose context has the Trace.
func Begin(base http.RoundTripper, req *http.Request) (*http.Request, *Trace) {
	t := new(Trace)
	t.trace.GotConn = func(httptrace.GotConnInfo) { t.connected.Store(true) }
	if !resends(base, req) { // then a connection is looked for again only if nothing was written to the first
		t.trace.GetConn = func(string) { t.connected.Store(false) }
	}
	return req.WithContext(httptrace.WithClientTrace(req.Context(), &t.trace)), t
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
