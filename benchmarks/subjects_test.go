package benchmarks

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// getter is what everything that is compared here is reduced to: the text of a
// valid token, which is what a request needs in the end.
type getter func(context.Context) (string, error)

// keyedGetter is the same for one of many identities.
type keyedGetter func(ctx context.Context, key string) (string, error)

// subject is one value of the key store=.
type subject struct {
	name string
	// open returns a getter that asks gw if it has no token. What it opens, it
	// closes in tb's Cleanup.
	open func(tb testing.TB, gw *gateway) getter
	// asks tells that each call goes to Redis, so that there is a limit to the calls.
	asks bool
}

// subjects returns everything that serves one identity: our stores, then the
// peers, each in a file of its own.
func subjects() []subject {
	var all []subject
	for _, s := range stores {
		all = append(all, s.subject())
	}
	return append(all,
		subject{name: "oauth2-reuse", open: openOAuth2},
		subject{name: "aws-credentials", open: openAWS},
		subject{name: "smithy-bearer", open: openSmithy},
		subject{name: "azcore-bearer", open: openAzcore},
		subject{name: "cloud-auth", open: openCloudAuth},
		subject{name: "otter", open: single(keyedOtter)},
		subject{name: "theine", open: single(keyedTheine)},
		subject{name: "sturdyc", open: single(keyedSturdyc)},
		subject{name: "ristretto", open: single(keyedRistretto)},
		subject{name: "hashicorp-lru", open: single(keyedLRU)},
		subject{name: "go-redis-cache", open: openGoRedisCache},
		subject{name: "rueidis", open: single(keyedRueidis)},
		subject{name: "python-way", open: openPythonWay, asks: true},
	)
}

// floors are what a hit cannot do without.
var floors = []subject{
	{name: "pointer-load", open: openPointer},
	{name: "pointer-load+time.Now", open: openPointerAndClock},
}

// tokenKey is where the one identity's token is kept.
const tokenKey = "advoware_access_token"

// single makes a subject of a cache for many, which is asked for one.
func single(open func(testing.TB, *gateway, int) keyedGetter) func(testing.TB, *gateway) getter {
	return func(tb testing.TB, gw *gateway) getter {
		get := open(tb, gw, 100_000)
		return func(ctx context.Context) (string, error) { return get(ctx, tokenKey) }
	}
}

// openPointer is the floor: what a token costs that nobody asks whether it still
// holds.
func openPointer(tb testing.TB, gw *gateway) getter {
	var p atomic.Pointer[string]
	p.Store(new(must(gw.issue(tb.Context())).text))
	return func(context.Context) (string, error) { return *p.Load(), nil }
}

// openPointerAndClock is the floor for everybody who reads the clock on a hit.
func openPointerAndClock(tb testing.TB, gw *gateway) getter {
	var p atomic.Pointer[issued]
	p.Store(new(must(gw.issue(tb.Context()))))
	return func(context.Context) (string, error) {
		tok := p.Load()
		if !time.Now().Before(tok.expiry) {
			return "", store.ErrNotFound
		}
		return tok.text, nil
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
