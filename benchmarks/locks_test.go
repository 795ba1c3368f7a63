package benchmarks

import (
	"context"
	"errors"
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

// lock takes a lock in Redis, and returns what gives it back. Whether it waits for the
// lock is its own affair; if it does not, it says errTaken.
type lock func(ctx context.Context) (unlock func(), err error)

var errTaken = errors.New("somebody else has the lock")

const (
	lockKey = "{" + tokenKey + "}:lock"
	lockTTL = 3 * time.Second // the lease of the library
	// lockStep is until the next try: short, for a token request.
	lockStep = 25 * time.Millisecond
)

// pollLock is what one writes without a library: SET NX, once. Whoever does not get
// the lock looks for the token again before the next try, as openLocked does it. A
// lock that took longer than its TTL is not told from the next one's; that costs one
// token request more, and no harm.
func pollLock(rdb *goredis.Client) lock {
	return func(ctx context.Context) (func(), error) {
		ours, err := rdb.SetNX(ctx, lockKey, 1, lockTTL).Result()
		switch {
		case err != nil:
			return nil, err
		case !ours:
			return nil, errTaken
		}
		return func() { _ = rdb.Del(context.WithoutCancel(ctx), lockKey).Err() }, nil
	}
}

// redisLock is bsm/redislock: a value that knows its owner, by script. Whoever waits
// tries again in steps. It does not renew a lock by itself, nor tell anybody that it is free again.
func redisLock(rdb *goredis.Client) lock {
	client := redislock.New(rdb)
	return func(ctx context.Context) (func(), error) {
		l, err := client.Obtain(ctx, lockKey, lockTTL, &redislock.Options{RetryStrategy: redislock.LinearBackoff(lockStep)})
		if err != nil {
			return nil, err
		}
		return func() { _ = l.Release(context.WithoutCancel(ctx)) }, nil
	}
}

// redSync is go-redsync with the same steps instead of its own pauses, 50 to 250 ms
// drawn at random, and as many as it takes. It does not renew a lock by itself, nor tell anybody that it is free again.
func redSync(rdb *goredis.Client) lock {
	locks := redsync.New(redsyncgoredis.NewPool(rdb))
	return func(ctx context.Context) (func(), error) {
		m := locks.NewMutex(lockKey, redsync.WithExpiry(lockTTL), redsync.WithTries(1000), redsync.WithRetryDelay(lockStep))
		if err := m.LockContext(ctx); err != nil {
			return nil, err
		}
		return func() { _, _ = m.UnlockContext(context.WithoutCancel(ctx)) }, nil
	}
}

// openLocked is what one builds around a lock, with a token that is kept in the
// process: one of all callers looks into Redis; if there is no token he takes the lock,
// looks again, fetches, stores, and gives the lock back. With a lock that does not wait
// he begins anew after a pause.
func (o *fleetOrder) openLocked(open func(*goredis.Client) lock) (getter, func(), error) {
	gw, rdb, err := o.connect(http.DefaultTransport, redisstore.Options(o.Redis))
	if err != nil {
		return nil, nil, err
	}
	lock := open(rdb)
	once := func(ctx context.Context) (string, error) {
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
	shared := func(ctx context.Context) (text string, err error) {
		for {
			if text, err = once(ctx); !errors.Is(err, errTaken) {
				return text, err
			}
			select {
			case <-time.After(lockStep):
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
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
