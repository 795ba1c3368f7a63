package clienttest

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/wire"
)

// Largest bodies that are accepted.
const (
	maxTokenBody = 64 << 10
	maxAPIBody   = 16 << 20
)

// serve is the one way of every request: read it, check it, wait, answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	on, limit := targetOf(r)
	id := s.arrive(on)
	w.Header().Set("X-Request-Id", id)

	// The body comes first: net/http notices that a client has left only after it.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		a := answer.Refusal(http.StatusRequestEntityTooLarge, "", "Die Anfrage ist zu groß.")
		s.count(on, a, false)
		s.stamp(w)
		a.Send(w)
		return
	case err != nil:
		wire.Abort()
	}
	e := s.remember(on, id, r, body)

	a, fault := s.respond(r, on, body, e)
	if !wire.Wait(r.Context(), s.latency(on)) || !wire.Wait(r.Context(), fault.Delay) {
		wire.Abort()
	}
	s.stamp(w)
	e.status.Store(int64(a.Status))
	if fault.Cut {
		a.Cut(w)
	}
	a.Send(w)
}

// respond decides what the answer is. It does not return if there is to be none.
func (s *Server) respond(r *http.Request, on Target, body []byte, e *entry) (*answer.Answer, Fault) {
	var ordinary func() *answer.Answer
	var delay time.Duration
	switch on {
	case TokenEndpoint:
		id, refused := s.gateway.Check(r, body, s.now())
		ordinary = func() *answer.Answer {
			if refused != nil {
				return refused
			}
			return s.grant(id)
		}
	case DiscoveryEndpoint:
		ordinary = func() (a *answer.Answer) {
			a, delay = s.discover(r)
			return a
		}
	default:
		ordinary = func() *answer.Answer { return s.callAPI(r, body) }
	}
	fault, struck := s.faults.take(on, r.URL.Path, e)
	if struck {
		s.counters.add(func(c *Counts) { c.Faults++ })
	}
	if fault.Hang {
		<-r.Context().Done()
		wire.Abort()
	}
	if fault.Reset {
		if !wire.Wait(r.Context(), fault.Delay) {
			wire.Abort()
		}
		wire.Reset(r.Context())
	}
	a := fault.instead()
	injected := a != nil
	if !injected {
		a = ordinary()
	}
	if fault.Latin1 {
		a.Latin1()
	}
	for name, values := range fault.Header {
		a.Header[http.CanonicalHeaderKey(name)] = values
	}
	s.count(on, a, injected)
	fault.Delay += delay
	return a, fault
}

// targetOf returns the part that a request is for, and how long its body may be.
func targetOf(r *http.Request) (Target, int64) {
	if connectorOf(r) != nil { // it has the API and nothing else
		return API, maxAPIBody
	}
	switch r.URL.Path {
	case tokenPath:
		return TokenEndpoint, maxTokenBody
	case discoveryPath:
		return DiscoveryEndpoint, maxTokenBody
	}
	return API, maxAPIBody
}

// arrive counts a request and names it.
func (s *Server) arrive(on Target) string {
	var n int
	s.counters.add(func(c *Counts) {
		switch on {
		case TokenEndpoint:
			c.TokenRequests++
		case DiscoveryEndpoint:
			c.DiscoveryRequests++
		default:
			c.APICalls++
		}
		n = c.TokenRequests + c.DiscoveryRequests + c.APICalls
	})
	return "sandbox-" + strconv.Itoa(n)
}

// count counts what became of a request.
func (s *Server) count(on Target, a *answer.Answer, injected bool) {
	s.counters.add(func(c *Counts) {
		switch {
		case on == API && a.Status == http.StatusUnauthorized:
			c.Unauthorized++
		case on != TokenEndpoint || injected:
		case a.Status == http.StatusOK:
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
	switch on {
	case TokenEndpoint:
		return s.settings.tokenLatency
	case API:
		return s.settings.latency
	}
	return 0
}
