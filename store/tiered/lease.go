package tiered

import (
	"context"
	"errors"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// leaseTries is how often Acquire asks again when far answers with tokens that are
// gone: one for each that may still be there, and some to spare.
const leaseTries = 4

var errGone = errors.New("tiered: the lease answers with tokens that are gone")

// Acquire implements [lease.Lease]: it asks Config.Lease, unless far is being left
// alone, and no longer than the call may wait. Near takes a token that is the answer;
// one that was deleted here is none.
func (s *Store) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Turn, error) {
	for range leaseTries {
		near, err := s.cfg.Near.Get(ctx, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return lease.Turn{}, err
		}
		before := s.pushes(key)
		turn, err := s.ask(ctx, key, ask)
		if err != nil || turn.Token.IsZero() {
			return turn, err
		}
		ask.Old = turn.Token
		if isIn(s.gone(key), turn.Token) {
			continue
		}
		tok, err := s.follow(ctx, key, near, turn.Token)
		s.lookAgain(key, before)
		if err == nil {
			return lease.Turn{Token: tok}, nil
		}
	}
	return lease.Turn{}, errGone
}

// ask asks Config.Lease once.
func (s *Store) ask(ctx context.Context, key string, ask lease.Ask) (lease.Turn, error) {
	var turn lease.Turn // written before op is done
	op := s.read(ctx, key, func(ctx context.Context) (store.Token, error) {
		got, err := s.cfg.Lease.Acquire(ctx, key, ask)
		if err == nil && ctx.Err() != nil { // op has ended without it
			got.Drop()
			return store.Token{}, context.Cause(ctx)
		}
		turn = got
		return store.Token{}, err
	})
	if _, err := op.wait(ctx); err != nil {
		// It may come late; nobody waits for it then.
		bounded.Go(func() (struct{}, error) {
			if <-op.done; op.err == nil {
				turn.Drop()
			}
			return struct{}{}, nil
		})
		return lease.Turn{}, err
	}
	return turn, nil
}
