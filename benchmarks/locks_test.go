package benchmarks

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/bsm/redislock"
	"github.com/go-redsync/redsync/v4"
	redsyncgoredis "github.com/go-redsync/redsync/v4/redis/goredis/v9"
	goredis "github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	redisstore "github.com/advoware-go/advoware/store/redis"
)

// lock takes a lock in Redis, and returns what gives it back.
type lock func(ctx context.Context) (unlock func(), err error)

const (
	lockKey = "{" + tokenKey + "}:lock"
	lockTTL = 3 * time.Second // the lease of the library
)

// redisLock is bsm/redislock: a value that knows its owner, by script. Whoever waits
// tries again in steps, here as short as those who use it for such things make them.
// It does not renew a lock by itself, nor tell anybody that it is free again.
func redisLock(rdb *goredis.Client) lock {
	client := redislock.New(rdb)
	return func(ctx context.Context) (func(), error) {
		l, err := client.Obtain(ctx, lockKey, lockTTL, &redislock.Options{RetryStrategy: redislock.LinearBackoff(25 * time.Millisecond)})
		if err != nil {
			return nil, err
		}
		return func() { _ = l.Release(context.WithoutCancel(ctx)) }, nil
	}
}

// redSync is go-redsync with its own pauses, 50 to 250 ms drawn at random, as often as
// it takes. It does not renew a lock by itself, nor tell anybody that it is free again.
func redSync(rdb *goredis.Client) lock {
	locks := redsync.New(redsyncgoredis.NewPool(rdb))
	return func(ctx context.Context) (func(), error) {
		m := locks.NewMutex(lockKey, redsync.WithExpiry(lockTTL), redsync.WithTries(1000))
		if err := m.LockContext(ctx); err != nil {
			return nil, err
		}
		return func() { _, _ = m.UnlockContext(context.WithoutCancel(ctx)) }, nil
	}
}

// openLocked is what one builds around a lock, with a token that is kept in the
// process: one of all callers looks into Redis; if there is no token he takes the lock,
// looks again, fetches, stores, and gives the lock back.
func (o *fleetOrder) openLocked(open func(*goredis.Client) lock) (getter, func(), error) {
	gw, err := openGateway(o.TokenURL, marked{o.Member, http.DefaultTransport})
	if err != nil {
		return nil, nil, err
	}
	rdb := goredis.NewClient(redisstore.Options(o.Redis))
	lock := open(rdb)
	shared := func(ctx context.Context) (string, error) {
		if text, err := rdb.Get(ctx, tokenKey).Result(); err == nil {
			return text, nil
		}
		unlock, err := lock(ctx)
		if err != nil {
			return "", err
		}
		defer unlock()
		if text, err := rdb.Get(ctx, tokenKey).Result(); err == nil {
			return text, nil
		}
		tok, err := gw.Fetch(ctx)
		if err != nil {
			return "", err
		}
		return tok.Reveal(), rdb.Set(ctx, tokenKey, tok.Reveal(), time.Until(tok.Expiry())).Err()
	}
	var near atomic.Pointer[string]
	var flights singleflight.Group
	get := func(ctx context.Context) (string, error) {
		if text := near.Load(); text != nil {
			return *text, nil
		}
		v, err, _ := flights.Do(tokenKey, func() (any, error) {
			text, err := shared(ctx)
			if err == nil {
				near.Store(&text)
			}
			return text, err
		})
		return v.(string), err
	}
	return get, func() { _ = rdb.Close() }, nil
}
