package benchmarks

import (
	"context"
	"testing"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// keyedLRU is hashicorp's LRU, the one that most Go programs have, put together as
// ristretto is: the expiry is in the value, because the kind that ends entries itself
// has a goroutine that cannot be stopped, and a singleflight loads. It does: one load for
// all callers of a key. It does not: tell what is wanted often from what was wanted
// last, renew ahead, let a waiting caller leave, remember a failure, share. A mutex is
// taken on each hit, which is written down as the latest.
func keyedLRU(_ testing.TB, gw *gateway, capacity int) keyedGetter {
	cache := must(lru.New[string, issued](capacity))
	load := loadOnce(gw, func(key string, t issued) { cache.Add(key, t) })
	return func(ctx context.Context, key string) (string, error) {
		if t, ok := cache.Get(key); ok && time.Now().Before(t.expiry) {
			return t.text, nil
		}
		return load(ctx, key)
	}
}
