package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/redis/rueidis"

	redisstore "github.com/advoware-go/advoware/store/redis"
)

// openRueidis is rueidis with client-side caching: Redis keeps the token, and tells
// this process when its copy is out of date; unlike that of go-redis it works in any
// database, so this is the shared one. It does: share, follow what others write, ask
// Redis once for all callers. It does not: fetch once, in the process or in the fleet
// (rueidisaside does, by polling), renew ahead, remember a failure.
func openRueidis(tb testing.TB, gw *gateway) getter {
	rdb := must(rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{redisAddr(tb)}, SelectDB: redisstore.DefaultDB}))
	tb.Cleanup(rdb.Close)
	return func(ctx context.Context) (string, error) {
		text, err := rdb.DoCache(ctx, rdb.B().Get().Key(tokenKey).Cache(), gw.lifetime()).ToString()
		if rueidis.IsRedisNil(err) { // that there is nothing is in the copy too, for a moment after a SET
			text, err = rdb.Do(ctx, rdb.B().Get().Key(tokenKey).Build()).ToString()
		}
		if !rueidis.IsRedisNil(err) {
			return text, err
		}
		t, err := gw.issue(ctx)
		if err != nil {
			return "", err
		}
		return t.text, rdb.Do(ctx, rdb.B().Set().Key(tokenKey).Value(t.text).Px(time.Until(t.expiry)).Build()).Error()
	}
}
