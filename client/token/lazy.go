package token

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/renewal"
	"github.com/advoware-go/advoware/internal/tokenerr"
)

// A lazy Source has no timers: those of a process whose CPU stands still are late. No use
// counts as the first of many, so that each hit looks at the clock.

// ErrSuspended is the error in Hooks of a token request that failed because the process, or
// its machine, was suspended meanwhile: no caller gets it, those that wait make another one.
var ErrSuspended = tokenerr.ErrSuspended

// renewed returns a token for a call that has found have. If that is due, one call at a time
// waits for its successor, but not for another process that renews it, and no longer than
// the call can spare; the others, and the call if there is none, have the old one.
func (s *Source) renewed(ctx context.Context, w want, have Found) (Found, error) {
	if !s.cfg.Lazy || !s.renewal.Due(have.Token) || s.account.renewing.Swap(true) {
		return have, nil
	}
	defer s.account.renewing.Store(false)
	patience := s.account.pace.Patience()
	if until, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(until)/2)
	}
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	f, err := s.wait(short, want{instead: have.Token, atLeast: w.atLeast})
	switch {
	case err == nil:
		return f, nil
	case !lasts(have.Token, w.atLeast) || s.closed():
		return s.wait(ctx, w)
	}
	s.plan(have.Token, s.pause(have.Token, err), renewal.Always)
	have.Waited = true
	return have, nil
}

// inPassing reports whether w is the want of a call that renews a token, as there is no timer.
func (s *Source) inPassing(w want) bool { return s.cfg.Lazy && !w.instead.IsZero() }
