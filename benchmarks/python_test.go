package benchmarks

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/testport"
)

// openPythonWay does what the Python service does whose keys we share.
func openPythonWay(tb testing.TB, gw *gateway) getter {
	return pythonWay(redisClient(tb, redisAddr(tb)), gw.issue)
}

// pythonWay asks Redis for each call, and fetches if there is nothing. It does: share.
// It does not: fetch once, in the process or in the fleet, renew ahead, remember a
// failure; without Redis each call makes a token request.
func pythonWay(rdb *goredis.Client, issue issuing) getter {
	return func(ctx context.Context) (string, error) {
		if text, err := rdb.Get(ctx, tokenKey).Result(); err == nil && text != "" {
			return text, nil
		}
		t, err := issue(ctx)
		if err != nil {
			return "", err
		}
		life := time.Until(t.expiry)
		_ = rdb.Set(ctx, tokenKey, t.text, life).Err()
		_ = rdb.Set(ctx, "advoware_token_timestamp", t.at.UTC().Format("2006-01-02T15:04:05.000000"), life).Err()
		return t.text, nil
	}
}

// openPythonWayDown is the same while nobody listens where Redis should be: a dial that
// is refused, a token request over HTTP, and a dial for each of the two keys that it
// would keep the token in. It dials by itself: go-redis stops to try after a few
// failures, which redis-py does not.
func openPythonWayDown(tb testing.TB, request time.Duration) getter {
	nobody := must(testport.Take())
	refused := func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", nobody)
		if err != nil {
			return nil
		}
		_ = conn.Close()
		return errors.New("somebody listens where Redis should not be")
	}
	fetch := fetchByHand(tb, startIssuer(tb, request), wire(tb))
	return func(ctx context.Context) (string, error) {
		if err := refused(ctx); err != nil {
			return "", err
		}
		text, err := fetch(ctx)
		if err != nil {
			return "", err
		}
		return text, errors.Join(refused(ctx), refused(ctx))
	}
}
