package far

import (
	"context"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
)

// LazyNear is the near store of a lazy tiered one. A hit flushes pending writes, for want of a
// timer.
type LazyNear struct {
	store.Store
	MayFlush func() bool
	Flush    func()
}

// Get is that of the store.
func (n LazyNear) Get(ctx context.Context, key string) (store.Token, error) {
	tok, err := n.Store.Get(ctx, key)
	if err == nil && n.MayFlush() {
		// Bounded for its recover: a store may panic. Each write is bounded by FarTimeout, and
		// the first one that fails is the last.
		select {
		case <-bounded.Run(n.Flush):
		case <-ctx.Done():
		}
	}
	return tok, err
}
