package clienttest

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

const (
	// RequestsKept is how many requests a server remembers.
	RequestsKept = 1000
	// bodyKept is how much of a body it remembers.
	bodyKept = 64 << 10
)

// Request is one that has reached a server, as it came: secrets of the sandbox are
// made up, so nothing is left out. Query, Header and Body are shared and
// must not be changed.
type Request struct {
	ID     string    // the X-Request-Id of the answer
	Time   time.Time // when it had arrived with its body, on the real clock
	Method string
	Path   string // still escaped
	Query  url.Values
	Header http.Header
	Body   []byte // at most the first 64 KiB
}

// Requests returns the last requests, at most RequestsKept, the oldest first.
// Those whose body did not arrive are not there.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Concat(s.log.ring[s.log.next:], s.log.ring[:s.log.next])
}

type requestLog struct {
	mu   sync.Mutex
	ring []Request
	next int // where the oldest one is, once the ring is full
}

func (l *requestLog) add(id string, r *http.Request, body []byte) {
	if len(body) > bodyKept {
		body = bytes.Clone(body[:bodyKept])
	}
	entry := Request{
		ID: id, Method: r.Method, Path: r.URL.EscapedPath(),
		Query: r.URL.Query(), Header: r.Header, Body: body,
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	entry.Time = time.Now() // under the lock, so that the order is that of time
	if len(l.ring) < RequestsKept {
		l.ring = append(l.ring, entry)
		return
	}
	l.ring[l.next] = entry
	l.next = (l.next + 1) % RequestsKept
}
