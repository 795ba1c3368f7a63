package tiered

import (
	"context"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
)

// Acquire asks Config.Lease, unless far is being left alone, and no longer than the
// call may wait. An error means that it cannot be told who has the lease.
func (s *Store) Acquire(ctx context.Context, key string) (release func(), held bool, err error) {
	var got struct { // written before op is done
		release func()
		held    bool
	}
	op := s.read(ctx, key, func(ctx context.Context) (store.Token, error) {
		var err error
		got.release, got.held, err = s.cfg.Lease.Acquire(ctx, key)
		return store.Token{}, err
	})
	if _, err := op.wait(ctx); err != nil {
		// It may come late; nobody waits for it then.
		bounded.Go(func() (struct{}, error) {
			if <-op.done; op.err == nil && got.held {
				got.release()
			}
			return struct{}{}, nil
		})
		return nil, false, err
	}
	return got.release, got.held, nil
}
