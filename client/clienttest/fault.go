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
	// Where, unless it is nil, must be true for a request that the fault is to strike. It
	// is called with the request as it came, secrets included, whose Status is 0 and
	// which must not be changed; at times of several requests at once. It may call the
	// server, but not close anything. One that panics closes the connection.
	Where func(*Request) bool
	// Times is how many requests it strikes: 0 means one, a negative number all
	// until it is removed.
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
}

// faults are those that can still strike. A slice is replaced and never changed, so that
// it can be read without the lock.
type faults struct {
	mu                 sync.Mutex
	pending, observers []*Injected
}

// take counts a request for those that observe it, and returns the fault that strikes it,
// if any.
func (f *faults) take(on Target, path string, req *entry) (Fault, bool) {
	f.mu.Lock()
	pending, observers := f.pending, f.observers
	f.mu.Unlock()
	for _, o := range observers {
		if o.fault.matches(on, path, req) {
			o.tally.Add()
		}
	}
	for _, p := range pending {
		if p.fault.matches(on, path, req) && f.strike(p) {
			return p.fault, true
		}
	}
	return Fault{}, false
}

// matches is called without a lock: Where may do anything.
func (f *Fault) matches(on Target, path string, req *entry) bool {
	if f.On != on || !strings.HasPrefix(path, f.Match) {
		return false
	}
	if f.Where == nil {
		return true
	}
	r := req.now()
	return f.Where(&r)
}

// strike reports whether a fault strikes a request that it matches.
func (f *faults) strike(p *Injected) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.pending, p) { // removed, or the last one was another request
		return false
	}
	if p.seen++; p.fault.Every > 1 && p.seen%p.fault.Every != 0 {
		return false
	}
	p.tally.Add()
	if p.left > 0 {
		if p.left--; p.left == 0 {
			f.pending = without(f.pending, p)
			p.tally.End()
		}
	}
	return true
}

func without(all []*Injected, i *Injected) []*Injected {
	return slices.DeleteFunc(slices.Clone(all), func(other *Injected) bool { return other == i })
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
