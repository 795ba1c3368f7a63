package tiered

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Refused asks Config.Refusals, unless far is being left alone, and no longer than
// the call may wait.
func (s *Store) Refused(ctx context.Context, key string) (time.Duration, error) {
	var left time.Duration // written before op is done
	op := s.read(ctx, key, func(ctx context.Context) (store.Token, error) {
		var err error
		left, err = s.cfg.Refusals.Refused(ctx, key)
		return store.Token{}, err
	})
	if _, err := op.wait(ctx); err != nil {
		return 0, err
	}
	return left, nil
}

// Refuse tells Config.Refusals, as Refused asks.
func (s *Store) Refuse(ctx context.Context, key string, pause time.Duration) error {
	op := s.read(ctx, key, func(ctx context.Context) (store.Token, error) {
		return store.Token{}, s.cfg.Refusals.Refuse(ctx, key, pause)
	})
	_, err := op.wait(ctx)
	return err
}
