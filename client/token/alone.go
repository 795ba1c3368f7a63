package token

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// alone is obtain without a lease: what stands in the store, or this process's turn to
// replace it.
func (s *Source) alone(ctx context.Context, d demand, f *found) (*turn, error) {
	seen, err := s.get(ctx, s.cfg.Store, s.cfg.Reread)
	switch {
	case err == nil && s.serves(d, seen):
		f.Token, f.Origin = seen, Far
		return nil, nil
	case err == nil:
		f.Token, f.Origin = seen, Far
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	return &turn{func(*lease.Failure) {}, seen, f.Waited}, nil
}

// inTurn is alone, one at a time of those in this process that have other credentials for
// the same key: the token of one serves them all. It waits for another one as long as for
// another process, and no longer than until.
func (s *Source) inTurn(ctx context.Context, d demand, f *found, until time.Time) (*turn, error) {
	release, err := s.account.tokens.take(ctx, f, earlier(until, time.Now().Add(s.patience())))
	if err != nil {
		return nil, err
	}
	t, err := s.alone(ctx, d, f)
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
	case t.turn <- struct{}{}:
	default:
		f.Waited = true
		patience := time.NewTimer(time.Until(until))
		defer patience.Stop()
		select {
		case t.turn <- struct{}{}:
		case <-patience.C:
			return func() {}, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	done := sync.OnceFunc(func() { <-t.turn })
	stop := context.AfterFunc(ctx, done)
	return func() { stop(); done() }, nil
}
