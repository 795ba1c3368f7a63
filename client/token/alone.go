package token

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/wait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// alone is obtain without a lease: it returns the token in the store, or a grant to replace
// it.
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

// aloneInTurn is alone, for one account of the key at a time: the token that one requests
// serves all of them. It waits for another account as long as for another process, and no
// longer than until.
func (s *Source) aloneInTurn(ctx context.Context, w want, f *found, until time.Time) (*grant, error) {
	release, waited, err := s.account.tokens.fetching.Take(ctx, wait.Earlier(until, time.Now().Add(s.account.pace.Patience())))
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
