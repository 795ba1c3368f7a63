package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/go-redis/cache/v9"
)

// openGoRedisCache is go-redis/cache: a TinyLFU in this process before Redis. It does:
// share, one fetch for all callers in a process. It does not: fetch once for a fleet,
// renew ahead, let a waiting caller leave, remember a failure; and what is in the
// process lives as long as it is told, not as long as it still lives in Redis. A hit
// takes a mutex and decodes the value.
func openGoRedisCache(tb testing.TB, gw *gateway) getter {
	tokens := cache.New(&cache.Options{
		Redis:      redisClient(tb, redisAddr(tb)),
		LocalCache: cache.NewTinyLFU(1000, gw.lifetime()-gw.latency),
	})
	return func(ctx context.Context) (text string, err error) {
		err = tokens.Once(&cache.Item{
			Ctx: ctx, Key: tokenKey, Value: &text,
			Do: func(item *cache.Item) (any, error) {
				t, err := gw.issue(item.Context())
				item.TTL = time.Until(t.expiry) // at least a second is what it takes
				return t.text, err
			},
		})
		return text, err
	}
}
