package token

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

// Hooks tell of events in the life of a token, as httptrace does for a request.
// Each may be nil. They are called on the goroutine on which the event happens, and
// hold it up: that of a flight that callers wait for, of a renewal, or of the caller
// whose token was refused (Rejected) or is used for the first time (RenewalPlanned).
// So a hook must not ask the Source for what only a flight brings. A hook that panics
// fails what it was called from.
//
// Hits are not told here: they cost less than a call of a hook would. The Stats of
// a client count them.
type Hooks struct {
	// FetchStart is called before a token is requested.
	FetchStart func()
	// FetchDone is called after that, when the token is stored.
	FetchDone func(Fetch)
	// Rotated is called when another token has come into use, from wherever: for
	// those who keep it elsewhere too.
	Rotated func(Rotation)
	// Rejected is called when a token was removed because the API refused it.
	Rejected func(store.Token)
	// RenewalPlanned is called when it has been decided when a token is renewed.
	RenewalPlanned func(tok store.Token, at time.Time)
	// Lapsed is called when a token was not renewed because nobody used it.
	Lapsed func(store.Token)
}

// Fetch is a token request that has come to an end.
type Fetch struct {
	Token store.Token // zero if it failed
	Err   error       // a *FetchError, nil if it succeeded
	Took  time.Duration
}

// Rotation is a change of the token in use.
type Rotation struct {
	Old    store.Token // zero if there was none, or it is not known
	New    store.Token
	Origin Origin // Far or Fetched
}

func (h *Hooks) fetchStart() {
	if h.FetchStart != nil {
		h.FetchStart()
	}
}

func (h *Hooks) fetchDone(f Fetch) {
	if h.FetchDone != nil {
		h.FetchDone(f)
	}
}

func (h *Hooks) rejected(tok store.Token) {
	if h.Rejected != nil {
		h.Rejected(tok)
	}
}

// rotated notes the token that a flight brought and tells of it if it is a new one.
func (s *Source) rotated(f Found) {
	s.mu.Lock()
	old := s.inUse
	s.inUse, s.rejects.open = f.Token, false
	if issued := f.Token.IssuedAt(); !issued.IsZero() {
		s.life = f.Token.Expiry().Sub(issued)
	}
	if f.Origin == Far {
		s.rejects.pending = false // replaced without a token request of ours
		if f := s.failure.last; f != nil && !f.Refused && !old.Equal(s.inUse) {
			s.failure = failure{} // the outage is over: somebody has got a token
		}
	}
	s.mu.Unlock()
	if s.cfg.Hooks.Rotated != nil && !old.Equal(f.Token) {
		s.cfg.Hooks.Rotated(Rotation{Old: old, New: f.Token, Origin: f.Origin})
	}
}
