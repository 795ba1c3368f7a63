package benchmarks

import (
	"context"
	"testing"
	"time"
)

// openPythonWay does what the Python service does whose keys we share: it asks Redis
// for each call, and fetches if there is nothing. It does: share. It does not: fetch
// once, in the process or in the fleet, renew ahead, remember a failure; without Redis
// each call makes a token request.
func openPythonWay(tb testing.TB, gw *gateway) getter {
	rdb := redisClient(tb, redisAddr(tb))
	return func(ctx context.Context) (string, error) {
		if text, err := rdb.Get(ctx, tokenKey).Result(); err == nil && text != "" {
			return text, nil
		}
		t, err := gw.issue(ctx)
		if err != nil {
			return "", err
		}
		life := time.Until(t.expiry)
		_ = rdb.Set(ctx, tokenKey, t.text, life).Err()
		_ = rdb.Set(ctx, "advoware_token_timestamp", t.at.UTC().Format("2006-01-02T15:04:05.000000"), life).Err()
		return t.text, nil
	}
}
