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
	get := goRedisCache(gw.issue, gw.lifetime()-gw.latency, 1000, &cache.Options{Redis: redisClient(tb, redisAddr(tb))})
	return func(ctx context.Context) (string, error) { return get(ctx, tokenKey) }
}

// keyedGoRedisCache has no Redis behind it, so that what it evicts is gone, as it is
// with the others. It keeps a copy of each token; BenchmarkIdentityMemory counts that,
// and the others have one token for all there.
func keyedGoRedisCache(_ testing.TB, gw *gateway, capacity int) keyedGetter {
	return goRedisCache(gw.issue, gw.lifetime()-gw.latency, capacity, new(cache.Options))
}

// goRedisCache keeps tokens in this process for that long, counted from when they came.
func goRedisCache(issue issuing, life time.Duration, capacity int, o *cache.Options) keyedGetter {
	local := cache.NewTinyLFU(capacity, life)
	local.UseRandomizedTTL(0) // it only adds, and so tokens would outlive their end
	o.LocalCache = local
	tokens := cache.New(o)
	return func(ctx context.Context, key string) (text string, err error) {
		err = tokens.Once(&cache.Item{
			Ctx: ctx, Key: key, Value: &text,
			Do: func(item *cache.Item) (any, error) {
				t, err := issue(item.Context())
				item.TTL = time.Until(t.expiry) // at least a second is what it takes
				return t.text, err
			},
		})
		return text, err
	}
}
