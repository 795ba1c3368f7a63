package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/Yiling-J/theine-go"
)

// keyedTheine is a loading cache with a time to live. It does: one load for all
// callers of a key; a hit takes a read lock of one of many shards. It does not: renew
// ahead, let a waiting caller leave, remember a failure, share.
func keyedTheine(tb testing.TB, gw *gateway, capacity int) keyedGetter {
	cache := must(theine.NewBuilder[string, string](int64(capacity)).BuildWithLoader(
		func(ctx context.Context, _ string) (theine.Loaded[string], error) {
			t, err := gw.issue(ctx)
			return theine.Loaded[string]{Value: t.text, Cost: 1, TTL: time.Until(t.expiry)}, err
		}))
	tb.Cleanup(cache.Close)
	return cache.Get
}
