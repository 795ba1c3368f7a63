package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/hook"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/store"
)

// want is what a caller asks of a run. A waiter of a run whose leader asked for less looks
// at the result and runs again.
type want struct {
	atLeast time.Duration // remaining validity
	instead store.Token   // any other token than this one; for the renewal
	fresh   bool          // a token from a fetch with a number above after
	after   uint64
}

// plain reports whether any valid token will do. Such a caller need not look at the clock
// again: what a run brings was valid when it ended.
func (w want) plain() bool { return w == want{} }

// missed reports whether the caller has just looked into the store, and found nothing.
func (w want) missed() bool { return !w.fresh && w.instead.IsZero() && w.atLeast == 0 }

// found is the result of a run.
type found struct {
	Found
	fetch   uint64          // number of the fetch, also of one that failed; 0 if there was none
	request context.Context // of that fetch
}

// met reports whether f, which the run of another caller may have brought, is what w asks
// for.
func (s *Source) met(w want, f found) bool {
	if w.fresh {
		return f.fetch > w.after
	}
	return s.serves(w, f.Token)
}

// serves reports whether a token from the store is what w asks for.
func (s *Source) serves(w want, tok store.Token) bool {
	return !w.fresh && lasts(tok, w.atLeast) && !tok.Equal(w.instead) && !s.isRejected(tok)
}

// wait joins or leads runs until one brings what w asks for.
func (s *Source) wait(ctx context.Context, w want) (Found, error) {
	if ctx == nil {
		return Found{}, errNilContext
	}
	if err := s.promise(w.atLeast); err != nil {
		return Found{}, err
	}
	for began := time.Now(); ; {
		if s.closed() {
			return Found{}, ErrClosed
		}
		r, led := s.join(ctx, w)
		if f, err := s.take(ctx, w, r, led); !errors.Is(err, errRetry) {
			if t := (Wait{Origin: f.Origin, Err: err, Took: time.Since(began)}); w.instead.IsZero() { // not the renewal
				if r != nil && !s.closed() { // else the run may go on, for another Source
					t.Fetch = r.request
				}
				hook.Call2(s.cfg.Hooks.Waited, ctx, t)
			}
			f.source = s
			return f, err
		}
	}
}

var (
	errNilContext = errors.New("token: nil context")
	// errRetry means that the run of another caller did not bring what was asked for.
	errRetry = errors.New("token: run again")
)

// take returns the result of a run for a caller that wants w. r is nil if ctx or the Source
// has ended.
func (s *Source) take(ctx context.Context, w want, r *run, led bool) (Found, error) {
	switch {
	case s.closed():
		return Found{}, ErrClosed
	case r == nil:
		return Found{}, tokenerr.Ended(ctx)
	case r.err == nil && (led || w.plain() && !s.isRejected(r.Token) || s.met(w, r.found)),
		!led && !w.fresh && s.met(w, r.found): // it failed, because the leader asked for more
		s.took(r)
		return r.Found, nil
	case r.err == nil,
		errors.Is(r.err, ErrSuspended), !led && errors.Is(r.err, tokenerr.ErrElsewhere),
		w.fresh && !led && r.fetch <= w.after, // an older fetch failed; that says nothing about a new one
		r.leader != s && brokeOff(r.err):
		return Found{}, errRetry
	}
	return Found{}, r.err
}

// took notes that a token of a run is used, and plans its renewal.
func (s *Source) took(r *run) {
	s.touch(r.Token)
	if r.leader != s { // whose plan was made by the run
		s.replan(r.Token)
	}
}

// brokeOff reports whether a run ended by a panic or Goexit, perhaps of the leader's hook or
// logger: that must not fail the callers of another Source.
func brokeOff(err error) bool {
	_, failed := errors.AsType[*FetchError](err)
	return !failed && bounded.BrokeOff(err)
}

// promise returns an error if tokens do not live long enough for atLeast.
func (s *Source) promise(atLeast time.Duration) error {
	if atLeast <= 0 {
		return nil
	}
	if life := s.lifetime(); atLeast > life/2 {
		return fmt.Errorf("%w: %v asked for, tokens live %v, half of that can be promised", ErrAtLeast, atLeast, life)
	}
	return nil
}

// lifetime is how long tokens live: as configured, or as short as the gateway was
// last seen to make them. Without a look at that, a caller that asks for more than the
// gateway gives would have a token fetched for each call.
func (s *Source) lifetime() time.Duration {
	t := s.account.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.life > 0 {
		return min(t.life, s.cfg.Lifetime)
	}
	return s.cfg.Lifetime
}
