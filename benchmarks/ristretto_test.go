package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/dgraph-io/ristretto/v2"
	"golang.org/x/sync/singleflight"
)

// keyedRistretto is bare ristretto, as one would put it together by hand: the expiry
// is in the value, because ristretto's own may come late, and a singleflight loads.
// It does: a hit that takes a read lock of one of many shards, one load for all
// callers of a key. It does not: keep what it is given for sure, renew ahead, let a
// waiting caller leave, remember a failure, share.
func keyedRistretto(tb testing.TB, gw *gateway, capacity int) keyedGetter {
	cache := must(ristretto.NewCache(&ristretto.Config[string, issued]{
		NumCounters: 10 * int64(capacity), MaxCost: int64(capacity), BufferItems: 64, IgnoreInternalCost: true,
	}))
	tb.Cleanup(cache.Close)
	load := loadOnce(gw, func(key string, t issued) {
		cache.SetWithTTL(key, t, 1, time.Until(t.expiry))
		cache.Wait() // or the next Get is likely to miss
	})
	return func(ctx context.Context, key string) (string, error) {
		if t, ok := cache.Get(key); ok && time.Now().Before(t.expiry) {
			return t.text, nil
		}
		return load(ctx, key)
	}
}

// loadOnce gets a token for all callers of a key, and keeps it: what a cache needs
// beside it that does not load by itself.
func loadOnce(gw *gateway, keep func(key string, t issued)) keyedGetter {
	var flights singleflight.Group
	return func(ctx context.Context, key string) (string, error) {
		v, err, _ := flights.Do(key, func() (any, error) {
			t, err := gw.issue(ctx)
			if err != nil {
				return "", err
			}
			keep(key, t)
			return t.text, nil
		})
		return v.(string), err
	}
}
