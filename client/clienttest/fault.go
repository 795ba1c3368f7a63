package clienttest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// Target is the part of a server that a [Fault] strikes.
type Target int

const (
	// TokenEndpoint is where tokens are fetched.
	TokenEndpoint Target = iota
	// API is everything else.
	API
	// DiscoveryEndpoint is where the addresses of a Kanzlei are asked.
	DiscoveryEndpoint
)

// Fault is a failure that a server is made to show. Without further fields it
// changes nothing but the count.
//
// Hang, Reset, and the answers made here (Status, Body, RedirectTo, Malformed, Refusal)
// come instead of what was asked for, which is then not done, and without a look
// at the bearer. Delay, Header and Cut also go with the ordinary answer: it is
// done, and the client does not see it as it should. Of several the first of
// Hang, Reset, RedirectTo, Malformed, Body, Refusal, and Status wins.
type Fault struct {
	// On is the part to strike; the zero value is the token endpoint.
	On Target
	// Match is how the path must begin; "" is any.
	Match string
	// Times is how many requests it strikes: 0 means one, a negative number all
	// until ClearFaults.
	Times int
	// Every lets it strike each so many matching requests, the last of them: 2 means
	// the second, the fourth and so on. 0 and 1 mean each one.
	Every int

	// Delay is how long the answer waits, besides the latency. It ends when the
	// client goes or the server closes.
	Delay time.Duration
	// Hang answers nothing until the client goes or the server closes.
	Hang bool
	// Reset closes the connection without an answer, on TCP with a RST.
	Reset bool
	// RedirectTo answers with this Location, and 302 unless Status says otherwise.
	RedirectTo string
	// Malformed answers with 200 and JSON that breaks off, in a response that is
	// whole.
	Malformed bool
	// Refusal answers with a sentence of the vendor in a problem in JSON, and with
	// Retry-After: 70 unless it is about the password. Status 0 is Refusal.Status.
	Refusal Refusal
	// Latin1 encodes the answer in ISO 8859-1 and does not say so; with the ordinary
	// answer too.
	Latin1 bool
	// Status and Body are the answer. Without Status it is 200, without Body an
	// ordinary problem in JSON for a Status from 400 and nothing below. The
	// Content-Type is JSON unless Header says otherwise.
	Status int
	Body   string
	// Header is set in the answer, such as Retry-After.
	Header http.Header
	// Cut declares the whole length of the body and closes the connection half way
	// through it; an answer without a body is not begun.
	Cut bool

	seen int // matching requests, with Every
}

// Inject makes the server fail. Faults that match the same request strike in the
// order in which they were injected, one a request.
func (s *Server) Inject(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	f.Header = f.Header.Clone()
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.pending = append(s.faults.pending, f)
}

// ClearFaults forgets all faults that have not struck yet.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.pending = nil
}

type faults struct {
	mu      sync.Mutex
	pending []Fault
}

// take returns the fault that strikes a request, if any.
func (f *faults) take(on Target, path string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.pending {
		p := &f.pending[i]
		if p.On != on || !strings.HasPrefix(path, p.Match) {
			continue
		}
		if p.Every > 1 {
			if p.seen++; p.seen%p.Every != 0 {
				continue
			}
		}
		fault := *p
		if p.Times > 0 {
			if p.Times--; p.Times == 0 {
				f.pending = slices.Delete(f.pending, i, i+1)
			}
		}
		return fault, true
	}
	return Fault{}, false
}

// instead returns the answer that comes instead of the ordinary one, nil if that
// one is to be given.
func (f Fault) instead() *answer.Answer {
	switch {
	case f.RedirectTo != "":
		a := &answer.Answer{Status: f.Status, Header: http.Header{"Location": {f.RedirectTo}}}
		if a.Status == 0 {
			a.Status = http.StatusFound
		}
		return a
	case f.Malformed:
		return &answer.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {answer.JSONType}}, Body: []byte(`{"access_token": "abc`)}
	case f.Refusal != "" && f.Body == "":
		return f.Refusal.answer(f.Status)
	case f.Status == 0 && f.Body == "":
		return nil
	case f.Status >= 400 && f.Body == "":
		return answer.Refusal(f.Status, "", "Ein Fehler ist aufgetreten: "+http.StatusText(f.Status))
	}
	a := &answer.Answer{Status: f.Status, Header: http.Header{}, Body: []byte(f.Body)}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if f.Body != "" {
		a.Header.Set("Content-Type", answer.JSONType)
	}
	return a
}
