package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/flight"
	"github.com/advoware-go/advoware/store"
)

// demand is what a caller asks of a flight. A caller who joins the flight of one
// who asked for less looks at the result and flies again.
type demand struct {
	atLeast time.Duration // remaining validity
	instead store.Token   // any other token than this one; for the renewal
	fresh   bool          // a token from a fetch with a number above after
	after   uint64
}

// plain reports whether any valid token will do. Whoever asks for that need not look
// at the clock again: what a flight brings was valid when it landed.
func (d demand) plain() bool { return d == demand{} }

// found is the result of a flight.
type found struct {
	Found
	fetch uint64 // number of the fetch, also of one that failed; 0 if there was none
}

// met reports whether f, which somebody else's flight may have brought, is what d
// asks for.
func (s *Source) met(d demand, f found) bool {
	if d.fresh {
		return f.fetch > d.after
	}
	return s.serves(d, f.Token)
}

// serves reports whether a token from the store is what d asks for.
func (s *Source) serves(d demand, tok store.Token) bool {
	return !d.fresh && s.lasts(tok, d.atLeast) && !tok.Equal(d.instead) && !s.isRejected(tok)
}

// wait joins or leads flights until one brings what d asks for.
func (s *Source) wait(ctx context.Context, d demand) (Found, error) {
	if ctx == nil {
		return Found{}, errNilContext
	}
	if err := s.promise(d.atLeast); err != nil {
		return Found{}, err
	}
	for {
		if s.closed() {
			return Found{}, ErrClosed
		}
		run, led := s.flight.Do(ctx, d)
		if f, err := s.landed(ctx, d, run, led); !errors.Is(err, errAgain) {
			return f, err
		}
	}
}

var errNilContext = errors.New("token: nil context")

// errAgain says that somebody else's flight did not bring what was asked for.
var errAgain = errors.New("token: fly again")

// landed returns what of a flight is for d: nothing if it is not there, because ctx
// has ended.
func (s *Source) landed(ctx context.Context, d demand, run *flight.Run[found], led bool) (Found, error) {
	var f found
	err := ctx.Err()
	if run != nil {
		f, err = run.Result()
	}
	switch {
	case err == nil && (led || d.plain() && !s.isRejected(f.Token) || s.met(d, f)):
		s.touch(f.Token)
		return f.Found, nil
	case err == nil:
		return Found{}, errAgain
	case s.closed():
		return Found{}, ErrClosed
	case d.fresh && !led && ctx.Err() == nil && f.fetch <= d.after:
		return Found{}, errAgain // an older fetch failed; that says nothing about a new one
	case run == nil:
		return Found{}, ended(ctx)
	case !led && !d.fresh && s.met(d, f): // only the leader asked for more
		s.touch(f.Token)
		return f.Found, nil
	}
	return Found{}, err
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
// last seen to make them. Without looking at that, whoever asks for more than the
// gateway gives would have a token fetched for each call.
func (s *Source) lifetime() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life > 0 {
		return min(s.life, s.cfg.Lifetime)
	}
	return s.cfg.Lifetime
}
