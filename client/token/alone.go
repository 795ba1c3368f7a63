package token

import (
	"context"
	"errors"
	"sync"
	"time"

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
	release, err := s.account.tokens.take(ctx, f, earlier(until, time.Now().Add(s.patience())))
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

// take waits until no other account of the key is at it. Release may be called more than
// once; the end of ctx releases too.
func (t *tokens) take(ctx context.Context, f *found, until time.Time) (release func(), err error) {
	select {
	case t.fetching <- struct{}{}:
	default:
		f.Waited = true
		patience := time.NewTimer(time.Until(until))
		defer patience.Stop()
		select {
		case t.fetching <- struct{}{}:
		case <-patience.C:
			return func() {}, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	done := sync.OnceFunc(func() { <-t.fetching })
	stop := context.AfterFunc(ctx, done)
	return func() { stop(); done() }, nil
}
