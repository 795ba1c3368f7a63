package clienttest

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Largest bodies that are accepted.
const (
	maxTokenBody = 64 << 10
	maxAPIBody   = 16 << 20
)

// serve is the one way of every request: read it, judge it, wait, answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	on, limit := API, int64(maxAPIBody)
	if r.URL.Path == tokenPath {
		on, limit = TokenEndpoint, maxTokenBody
	}
	id := s.arrive(on)
	w.Header().Set("X-Request-Id", id)

	// The body comes first: net/http notices that a client has gone only after it.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		a := refusal(http.StatusRequestEntityTooLarge, "", "Die Anfrage ist zu groß.")
		s.count(on, a, false)
		s.stamp(w)
		a.send(w)
		return
	case err != nil:
		abort()
	}
	s.log.add(id, r, body)

	a, fault := s.respond(r, on, body)
	if !wait(r.Context(), s.latency(on)) || !wait(r.Context(), fault.Delay) {
		abort()
	}
	s.stamp(w)
	if fault.Cut {
		a.cut(w)
	}
	a.send(w)
}

// respond decides what the answer is. It does not return if there is to be none.
func (s *Server) respond(r *http.Request, on Target, body []byte) (*answer, Fault) {
	var ordinary func() *answer
	if on == TokenEndpoint {
		id, refused := s.checkToken(r, body)
		ordinary = func() *answer {
			if refused != nil {
				return refused
			}
			return s.grant(id)
		}
	} else {
		ordinary = func() *answer { return s.callAPI(r, body) }
	}
	fault, struck := s.faults.take(on, r.URL.Path)
	if struck {
		s.counters.add(func(c *Counts) { c.Faults++ })
	}
	if fault.Hang {
		<-r.Context().Done()
		abort()
	}
	if fault.Reset {
		if !wait(r.Context(), fault.Delay) {
			abort()
		}
		reset(r.Context())
	}
	a := fault.instead()
	injected := a != nil
	if !injected {
		a = ordinary()
	}
	for name, values := range fault.Header {
		a.header[http.CanonicalHeaderKey(name)] = values
	}
	s.count(on, a, injected)
	return a, fault
}

// arrive counts a request and names it.
func (s *Server) arrive(on Target) string {
	var n int
	s.counters.add(func(c *Counts) {
		if on == TokenEndpoint {
			c.TokenRequests++
		} else {
			c.APICalls++
		}
		n = c.TokenRequests + c.APICalls
	})
	return "sandbox-" + strconv.Itoa(n)
}

// count counts what became of a request.
func (s *Server) count(on Target, a *answer, injected bool) {
	s.counters.add(func(c *Counts) {
		switch {
		case on == API && a.status == http.StatusUnauthorized:
			c.Unauthorized++
		case on == API || injected:
		case a.status == http.StatusOK:
			c.TokensIssued++
		default:
			c.TokensRefused++
		}
	})
}

// stamp dates the answer by the server's clock.
func (s *Server) stamp(w http.ResponseWriter) {
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
}

func (s *Server) latency(on Target) time.Duration {
	s.settings.mu.Lock()
	defer s.settings.mu.Unlock()
	if on == TokenEndpoint {
		return s.settings.tokenLatency
	}
	return s.settings.latency
}
