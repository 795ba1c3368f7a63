package token

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/wait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// alone is obtain without a lease: what stands in the store, or leave to
// replace it.
func (s *Source) alone(ctx context.Context, w want, f *found) (*grant, error) {
	seen, err := s.get(ctx, s.cfg.Store, s.cfg.Tiers.Reread)
	switch {
	case err == nil && s.serves(w, seen):
		f.Token, f.Origin = seen, Far
		return nil, nil
	case err == nil:
		f.Token, f.Origin = seen, Far
	case !errors.Is(err, store.ErrNotFound) && !(w.missed() && s.waitedOut(ctx)):
		return nil, err
	}
	return &grant{func(*lease.Failure) {}, seen, f.Waited}, nil
}

// aloneInTurn is alone, one at a time of those in this process that have other credentials for
// the same key: the token of one serves them all. It waits for another one as long as for
// another process, and no longer than until.
func (s *Source) aloneInTurn(ctx context.Context, w want, f *found, until time.Time) (*grant, error) {
	release, waited, err := s.account.tokens.fetching.Take(ctx, wait.Earlier(until, time.Now().Add(s.patience())))
	f.Waited = f.Waited || waited
	if err != nil {
		return nil, err
	}
	t, err := s.alone(ctx, w, f)
	if t == nil {
		release()
		return nil, err
	}
	t.release = func(*lease.Failure) { release() }
	return t, nil
}
