package token

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
)

// Lease lets one process of many make the token request. It is asked only when a
// token has to be fetched.
type Lease interface {
	// Acquire tries to get the lease for key, without waiting for whoever has it. If
	// held is true, release must be called when the token is stored. An error means
	// that it cannot be told; then the token is fetched without a lease.
	Acquire(ctx context.Context, key string) (release func(), held bool, err error)
}

// How often a process that waits for another's token looks for it, and how long it
// waits for an answer before it fetches for itself.
const (
	leasePoll     = 25 * time.Millisecond
	leasePatience = 100 * time.Millisecond
)

// lead waits until this process may fetch, or another one has put a token into the
// store that d takes. In the first case it returns what to call after storing, and
// the token to replace; in the second the token.
func (s *Source) lead(ctx context.Context, d demand, seen store.Token) (release func(), replace, theirs store.Token, err error) {
	alone := func() {}
	if s.cfg.Lease == nil {
		return alone, seen, theirs, s.refusedFor(ctx, d)
	}
	for first := true; ; first = false {
		ask := ctx
		if !first { // waiting for another process is not waiting for the far store
			ask = farwait.Fresh(ctx, leasePatience)
		}
		release, held, err := s.acquire(ask)
		if err != nil {
			return alone, seen, theirs, s.refusedFor(ask, d)
		}
		if !held {
			release = alone
		}
		if held || !first { // whoever had it may have just finished
			tok, err := s.outcome(ask, d)
			if err != nil || s.serves(d, tok) {
				release()
				return nil, seen, tok, err
			}
			seen = tok
		}
		if held {
			return release, seen, theirs, nil
		}
		if err := sleep(ctx, leasePoll); err != nil {
			return nil, seen, theirs, err
		}
	}
}

// outcome looks how another process has fared: the token that stands, zero if there
// is none, or the error that it met.
func (s *Source) outcome(ctx context.Context, d demand) (store.Token, error) {
	if err := s.refusedFor(ctx, d); err != nil {
		return store.Token{}, err
	}
	tok, err := s.cfg.Reread(ctx, s.cfg.Key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Token{}, readError(err)
	}
	return tok, nil
}

// refusedFor is sharedRefusal, unless somebody asks in spite of it.
func (s *Source) refusedFor(ctx context.Context, d demand) error {
	if d.fresh {
		return nil
	}
	return s.sharedRefusal(ctx)
}

// acquire asks for the lease, as long as the call may wait for the far store.
func (s *Source) acquire(ctx context.Context) (release func(), held bool, err error) {
	left := farwait.Left(ctx, s.cfg.FarWait)
	if left <= 0 {
		return nil, false, context.DeadlineExceeded
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	return s.cfg.Lease.Acquire(ctx, s.cfg.Key)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
