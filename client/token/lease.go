package token

import (
	"context"
	"errors"
	"time"

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

// leasePoll is how often a process that waits for another's token looks for it.
const leasePoll = 25 * time.Millisecond

// lead waits until this process may fetch, or another one has put a token into the
// store that d takes. In the first case it returns what to call after storing, and
// the token to replace; in the second the token.
func (s *Source) lead(ctx context.Context, d demand, seen store.Token) (release func(), replace, theirs store.Token, err error) {
	if s.cfg.Lease == nil {
		return func() {}, seen, theirs, nil
	}
	for first := true; ; first = false {
		release, held, err := s.cfg.Lease.Acquire(ctx, s.cfg.Key)
		if err != nil {
			return func() {}, seen, theirs, nil
		}
		if held || !first { // whoever had it may have just finished
			tok, err := s.cfg.Reread(ctx, s.cfg.Key)
			done := err == nil && s.serves(d, tok)
			failed := err != nil && !errors.Is(err, store.ErrNotFound)
			if held && (done || failed) {
				release()
			}
			switch {
			case done:
				return nil, seen, tok, nil
			case failed:
				return nil, seen, theirs, readError(err)
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
