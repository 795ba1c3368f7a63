package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"golang.org/x/sync/singleflight"

	redisstore "github.com/advoware-go/advoware/store/redis"
)

// keyedRueidis is rueidis with client-side caching: Redis keeps the tokens, and tells
// this process when its copy is out of date; unlike that of go-redis it works in any
// database, so this is the shared one. A singleflight loads, as it does for the caches
// that do not load by themselves. It does: share, follow what others write, ask Redis
// once for all callers, fetch once in the process. It does not: fetch once in the fleet
// (rueidisaside does, by polling; the module proxy does not have it), renew ahead, let a
// waiting caller leave, remember a failure.
//
// What it keeps in the process is bounded in bytes, 128 MiB for each connection, and
// Redis keeps all: it has no part in BenchmarkHitRatio and BenchmarkIdentityMemory.
func keyedRueidis(tb testing.TB, gw *gateway, _ int) keyedGetter {
	rdb := must(rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{redisAddr(tb)}, SelectDB: redisstore.DefaultDB}))
	tb.Cleanup(rdb.Close)
	var flights singleflight.Group
	load := func(ctx context.Context, key string) (string, error) {
		// That there is nothing is in the copy too, for a moment after a SET.
		text, err := rdb.Do(ctx, rdb.B().Get().Key(key).Build()).ToString()
		if !rueidis.IsRedisNil(err) {
			return text, err
		}
		t, err := gw.issue(ctx)
		if err != nil {
			return "", err
		}
		return t.text, rdb.Do(ctx, rdb.B().Set().Key(key).Value(t.text).Px(time.Until(t.expiry)).Build()).Error()
	}
	return func(ctx context.Context, key string) (string, error) {
		text, err := rdb.DoCache(ctx, rdb.B().Get().Key(key).Cache(), gw.lifetime()).ToString()
		if !rueidis.IsRedisNil(err) {
			return text, err
		}
		v, err, _ := flights.Do(key, func() (any, error) { return load(ctx, key) })
		return v.(string), err
	}
}
