package token

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/hook"
	"github.com/advoware-go/advoware/store"
)

// Hooks are called on events in the life of a token, as those of httptrace are for a
// request. Each may be nil. The fetch, the renewal or the refused call that a hook is
// called from waits for it, a second at most. No lock is held: a hook may call the
// Source, Close included. A hook that panics fails what it was called from.
//
// There is no hook for hits: it would cost more than the hit. The Stats of a client count
// them.
type Hooks struct {
	// FetchContext, for tracing, is called before that and returns the context of the token
	// request, which should be made from the one it gets: that has the values of the call
	// that leads, and those of no call for a renewal.
	FetchContext func(context.Context) context.Context
	// FetchStart is called before a token is requested.
	FetchStart func()
	// FetchDone is called after that, when the token is stored.
	FetchDone func(Fetch)
	// Rotated is called when another token has come into use, wherever it is from: for
	// programs that keep it elsewhere too.
	Rotated func(Rotation)
	// Rejected is called when a token was removed because the API refused it.
	Rejected func(store.Token)
	// RenewalPlanned is called when it has been decided when a token is renewed.
	RenewalPlanned func(tok store.Token, at time.Time)
	// Waited is called by each call that did not find a token in the near store and waited
	// for one, with the context of the call.
	Waited func(context.Context, Wait)
	// Lapsed is called when a token was not renewed because it was not used.
	Lapsed func(store.Token)
}

// Fetch is a token request that has come to an end.
type Fetch struct {
	Token store.Token // zero if it failed
	Err   error       // a *FetchError, ErrOvertaken or ErrSuspended, nil if it succeeded
	Took  time.Duration

	ErrorType string          // one word for an error, as package metric shows it; "" if there is a token
	Context   context.Context // that FetchContext returned
}

// Wait is what one call waited for.
type Wait struct {
	Origin Origin
	Err    error // nil if there was a token in the end
	Took   time.Duration
	Fetch  context.Context // that of the token request which this process made meanwhile; nil if it made none
}

// Rotation is a change of the token in use.
type Rotation struct {
	Old    store.Token // zero if there was none, or it is not known
	New    store.Token
	Origin Origin // Far or Fetched
}

// rotated records the token that a run brought, and calls the hook if it is a new one.
func (s *Source) rotated(f Found) {
	a, t := s.account, s.account.tokens
	t.mu.Lock()
	if t.isRejected(f.Token) { // it was refused before this run ended
		t.mu.Unlock()
		return
	}
	old := t.inUse
	t.inUse, t.rejects.open = f.Token, false
	if issued := f.Token.IssuedAt(); !issued.IsZero() {
		t.life = f.Token.Expiry().Sub(issued)
	}
	if f.Origin == Far {
		t.rejects.pending = false // replaced without a token request of ours
		if f := a.failure.last; f != nil && !f.Refused && !old.Equal(t.inUse) {
			a.failure = failure{} // the outage is over: another process has got a token
		}
	}
	t.mu.Unlock()
	if !old.Equal(f.Token) {
		hook.Call(s.cfg.Hooks.Rotated, Rotation{Old: old, New: f.Token, Origin: f.Origin})
	}
}
