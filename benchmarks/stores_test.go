package benchmarks

import (
	"context"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

// stores are measured as a caller meets them: behind a token.Source. Add a line to
// measure one of your own.
var stores = []namedStore{
	{"tiered", openTiered},
	{"memory", func(tb testing.TB) wiring { mem := openMemory(tb); return wiring{all: mem, slot: mem.Slot} }},
	{"map", func(testing.TB) wiring { return wiring{all: new(store.Map)} }},
	{"redis", openRedis},
}

type namedStore struct {
	name string
	open func(testing.TB) wiring
}

// wiring is what a Source asks: all of the store, and what stands in the caller's
// way, nil if that is all of it too.
type wiring struct {
	all, near store.Store
	slot      func(string) *atomictoken.Slot // what the door takes from a store/memory
}

func (s namedStore) subject() subject {
	open, asks := func(tb testing.TB, _ *gateway) wiring { return s.open(tb) }, s.name == "redis"
	if asks {
		open = openRedisFor
	}
	return subject{name: s.name, asks: asks, open: func(tb testing.TB, gw *gateway) getter {
		source := openSource(tb, open(tb, gw), gw)
		return func(ctx context.Context) (string, error) {
			tok, err := source.Token(ctx, 0)
			return tok.Reveal(), err
		}
	}}
}

// openSource wires a Source as the door does.
func openSource(tb testing.TB, w wiring, gw *gateway) *token.Source {
	tb.Helper()
	return openHooked(tb, w, gw, token.Hooks{})
}

func openHooked(tb testing.TB, w wiring, gw *gateway, hooks token.Hooks) *token.Source {
	tb.Helper()
	cfg := token.Config{Store: w.all, Tiers: w.tiers(), Key: tokenKey, Fetch: gw.fetch, Hooks: hooks, Logger: quiet()}
	if gw.life > 0 {
		cfg.Lifetime, cfg.Margins = gw.life, store.Margins{Guard: time.Millisecond, Margin: gw.renewal()}
	}
	if far, ok := w.all.(*redisstore.Store); ok { // as the door has it: 10,000 callers take their time
		cfg.Far, cfg.FarWait = true, far.CallWait()
	}
	source, err := token.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(source.Close)
	return source
}

// openTiered is the door's default. Far is a map instead of Redis, because a hit
// never gets there.
func openTiered(tb testing.TB) wiring {
	near := openMemory(tb)
	both, err := tiered.New(tiered.Config{Near: near, Far: new(store.Map), Logger: quiet()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = both.Close() })
	return wiring{all: both, near: near, slot: near.Slot}
}

func (w wiring) tiers() lease.Tiers { return lease.Tiers{Near: w.near, Slot: w.slot} }

func openMemory(tb testing.TB) *memory.Store {
	mem, err := memory.New(memory.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = mem.Close() })
	return mem
}

// openRedis has a server of its own, and skips where there is none.
func openRedis(tb testing.TB) wiring { return openRedisFor(tb, new(gateway)) }

// openRedisFor is openRedis for a gateway whose tokens may end soon, which that store
// has to know.
func openRedisFor(tb testing.TB, gw *gateway) wiring {
	cfg := redisstore.Config{Client: redisClient(tb, redisAddr(tb)), ClientHonoursDeadlines: true, Logger: quiet()}
	if gw.life > 0 {
		cfg.Lifetime, cfg.Margins = gw.life, store.Margins{Guard: time.Millisecond, Margin: gw.renewal()}
	}
	s, err := redisstore.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return wiring{all: s}
}

// redisAddr starts a Redis server, and skips where there is none.
func redisAddr(tb testing.TB) string {
	tb.Helper()
	return redistest.Start(tb).Addr()
}

// redisClient returns a client with the options that the library suggests, for
// everybody who speaks to Redis here through go-redis.
func redisClient(tb testing.TB, addr string) *goredis.Client {
	rdb := goredis.NewClient(patient(redisstore.Options(addr)))
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// patient makes thousands of callers at once wait for a connection, and for a processor, instead of
// failing.
func patient(o *goredis.Options) *goredis.Options {
	const patience = 30 * time.Second
	o.DialTimeout, o.PoolTimeout, o.ReadTimeout, o.WriteTimeout = patience, patience, patience, patience
	return o
}
