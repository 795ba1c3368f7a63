package clienttest

import (
	"bytes"
	"context"
	"iter"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
	"github.com/advoware-go/advoware/client/clienttest/internal/listener"
	"github.com/advoware-go/advoware/client/clienttest/internal/redact"
)

const (
	// RequestsKept is how many requests a server remembers.
	RequestsKept = 1000
	// bodyKept is how much of a body it remembers.
	bodyKept = 64 << 10
)

// Request is one that has reached a server. Query, Header and Body are shared and must
// not be changed.
type Request struct {
	ID      string    // the X-Request-Id of the answer
	Time    time.Time // when it had arrived with its body, on the real clock
	On      Target    // the part of the server that it was for
	Kanzlei string    // whose office it was for, "" if that is not known
	Token   string    // the fingerprint of its bearer, as store.Token has it; "" without one
	Method  string
	Host    string // the Host header
	Addr    string // the host:port that it came to
	Path    string // still escaped
	Query   url.Values
	Header  http.Header
	Body    []byte // at most the first 64 KiB
	Status  int    // of the answer; 0 if it was not begun yet, or if there is none
}

// Requests returns the last requests, at most RequestsKept, the oldest first.
// Those whose body did not arrive are not there.
//
// Secrets are redacted: bearers and tokens are named by their fingerprints; values of
// secret headers and of fields such as Password, HMAC512Signature and access_token, in
// JSON, forms and queries, are "[redacted]". Of a token request nothing is shown but the
// eight fields that are not secret. RawRequests has them as they came, and so do Fault.Where and Observe.
func (s *Server) Requests() []Request {
	all := s.RawRequests()
	for i := range all {
		all[i] = all[i].redacted()
	}
	return all
}

// RawRequests is Requests with everything as it came, secrets included: for tests of what
// a client sends, with the credentials of the sandbox, which are made up.
func (s *Server) RawRequests() []Request {
	entries := s.log.All()
	all := make([]Request, len(entries))
	for i, e := range entries {
		all[i] = e.now()
	}
	return all
}

// Follow yields the requests that Requests returns and then each as it arrives, mostly
// before it is answered, until ctx ends or the server closes. A reader that is
// RequestsKept behind misses the oldest.
func (s *Server) Follow(ctx context.Context) iter.Seq[Request] {
	return func(yield func(Request) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(s.ctx, stop)()
		for e := range s.log.Follow(ctx) {
			if !yield(e.now().redacted()) {
				return
			}
		}
	}
}

// entry is a Request in the log.
type entry struct {
	Request
	status atomic.Int64
}

func (e *entry) now() Request {
	r := e.Request
	r.Status = int(e.status.Load())
	if token, ok := gateway.Bearer(r.Header); ok {
		r.Token = redact.Fingerprint(token)
	}
	return r
}

func (r Request) redacted() Request {
	r.Path, r.Query, r.Header = redact.Text(r.Path), redact.Query(r.Query), redact.Header(r.Header)
	r.Body = redact.Body(r.Body, r.On == TokenEndpoint)
	return r
}

// remember puts a request with its body into the log.
func (s *Server) remember(on Target, id string, r *http.Request, body []byte) *entry {
	e := &entry{Request: Request{
		ID: id, On: on, Kanzlei: s.kanzleiOf(on, r, body), Method: r.Method, Host: r.Host, Addr: listener.AddrOf(r),
		Path: r.URL.EscapedPath(), Query: r.URL.Query(), Header: r.Header, Body: body,
	}}
	if len(body) > bodyKept {
		e.Body = bytes.Clone(body[:bodyKept])
	}
	s.log.Add(func() *entry {
		e.Time = time.Now() // under the lock, so that the order is that of time
		return e
	})
	return e
}

// kanzleiOf says whose office a request is for.
func (s *Server) kanzleiOf(on Target, r *http.Request, body []byte) string {
	switch on {
	case TokenEndpoint:
		return gateway.KanzleiOf(body)
	case DiscoveryEndpoint:
		return r.URL.Query().Get("Kanzlei")
	}
	if c := connectorOf(r); c != nil {
		return c.kanzlei
	}
	token, _ := gateway.Bearer(r.Header)
	id, _ := s.tokens.Find(token, s.now())
	return id.Kanzlei
}
