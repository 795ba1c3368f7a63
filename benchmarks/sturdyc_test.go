package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/viccon/sturdyc"
)

// keyedSturdyc is a cache that fetches what it does not have. It does: one fetch for
// all callers of a key, renewal in the background by the first hit in the last part
// of a token's life. It does not: remember a failure (but those of renewals), share
// as it is used here. A hit takes a read lock of one of ten shards. What is full evicts
// a tenth of the shard.
func keyedSturdyc(_ testing.TB, gw *gateway, capacity int) keyedGetter {
	const shards, evictPercent = 10, 10
	life := gw.lifetime() - gw.latency // counted from the end of a request, for all tokens alike
	fresh := life - gw.renewal()
	cache := sturdyc.New[string](capacity, shards, life, evictPercent,
		sturdyc.WithNoContinuousEvictions(), // its goroutine could not be stopped
		sturdyc.WithEarlyRefreshes(fresh, fresh+gw.renewal()/10, life, 10*time.Millisecond),
		sturdyc.WithLog(new(sturdyc.NoopLogger)),
	)
	load := func(ctx context.Context) (string, error) {
		t, err := gw.issue(ctx)
		return t.text, err
	}
	return func(ctx context.Context, key string) (string, error) { return cache.GetOrFetch(ctx, key, load) }
}
