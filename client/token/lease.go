package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// leasePatience is how long a process that waits for another's token waits for an
// answer of the far store before it fetches for itself.
const leasePatience = 100 * time.Millisecond

// ErrElsewhere is the cause in a FetchError when not this process made the token
// request that failed, but another one that uses the same credentials.
var ErrElsewhere = errors.New("token: the token request of another process failed")

// turn is this Source's turn to fetch.
type turn struct {
	release func(*lease.Failure)
	replace store.Token // what stands in the store and will not do; zero if nothing does
}

// lead waits until this process may fetch, or another one has put a token into the
// store that d takes; then f has it, and the turn is nil. The first look does not
// count as waiting. old is what will not do.
func (s *Source) lead(ctx context.Context, d demand, old store.Token, f *found) (*turn, error) {
	ask := lease.Ask{Old: old, Force: d.fresh}
	for asked := ctx; ; asked = farwait.Fresh(ctx, leasePatience) { // waiting for another process is not waiting for the far store
		t, err := s.acquire(asked, ask)
		switch {
		case err != nil:
			return s.alone(asked, d, f)
		case t.Release != nil:
			return &turn{t.Release, ask.Old}, nil
		case t.Failure != nil:
			return nil, s.adoptFailure(ctx, t.Failure)
		case t.Wait != nil:
			f.Waited = true
			ask.Holder = t.Holder
			if err := t.Wait(ctx); err != nil {
				return nil, err
			}
		case s.serves(d, t.Token):
			f.Token, f.Origin = t.Token, Far
			return nil, nil
		case t.Token.IsZero() || t.Token.Equal(ask.Old):
			return s.alone(asked, d, f) // no lease that can be relied upon
		default:
			ask.Old = t.Token
			f.Token, f.Origin = t.Token, Far // also if the flight fails: who joined may ask for less
		}
	}
}

// alone is lead without a lease: what stands in the store, or this process's turn to
// replace it.
func (s *Source) alone(ctx context.Context, d demand, f *found) (*turn, error) {
	seen, err := s.cfg.Reread(ctx, s.cfg.Key)
	switch {
	case err == nil && s.serves(d, seen):
		f.Token, f.Origin = seen, Far
		return nil, nil
	case err == nil:
		f.Token, f.Origin = seen, Far
	case !errors.Is(err, store.ErrNotFound):
		return nil, readError(err)
	}
	return &turn{func(*lease.Failure) {}, seen}, nil
}

// acquire asks for the lease, as long as the call may wait for the far store.
func (s *Source) acquire(ctx context.Context, ask lease.Ask) (lease.Turn, error) {
	left := farwait.Left(ctx, s.cfg.FarWait)
	if s.cfg.Lease == nil || left <= 0 {
		return lease.Turn{}, context.DeadlineExceeded
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	return s.cfg.Lease.Acquire(ctx, s.cfg.Key, ask)
}

// adoptFailure takes what another process has met as this one's own.
func (s *Source) adoptFailure(ctx context.Context, f *lease.Failure) error {
	cause := ErrElsewhere
	if f.Message != "" {
		cause = fmt.Errorf("%w: %s", ErrElsewhere, f.Message)
	}
	if s.cfg.Elsewhere != nil {
		cause = elsewhere{cause, s.cfg.Elsewhere(f.Refused)}
	}
	e := &FetchError{Err: cause, Refused: f.Refused, NextAttempt: time.Now().Add(min(f.Pause, maxRetryAfter))}
	s.mu.Lock()
	s.failure.last = e
	if !f.Refused {
		s.failure.row++
	}
	s.mu.Unlock()
	s.cfg.Logger.WarnContext(ctx, "token fetch failed in another process", "error", cause, "refused", f.Refused)
	return e
}

// elsewhere is an error that matches another one, which it does not repeat.
type elsewhere struct {
	error
	same error
}

func (e elsewhere) Unwrap() []error { return []error{e.error, e.same} }

// failureOf is what those who wait for this process are told of an error of fetch.
func failureOf(err error) *lease.Failure {
	var failed *FetchError
	if !errors.As(err, &failed) {
		return nil // closed: the next one shall try at once
	}
	return &lease.Failure{Refused: failed.Refused, Message: failed.Err.Error(), Pause: time.Until(failed.NextAttempt)}
}
