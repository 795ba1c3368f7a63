package benchmarks

import (
	"context"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

// stores are measured as a caller meets them: behind a token.Source. Add a line to
// measure one of your own.
var stores = []namedStore{
	{"tiered", openTiered},
	{"memory", func(tb testing.TB) wiring { return wiring{all: openMemory(tb)} }},
	{"map", func(testing.TB) wiring { return wiring{all: new(store.Map)} }},
	{"redis", openRedis},
}

type namedStore struct {
	name string
	open func(testing.TB) wiring
}

// wiring is what a Source asks: all of the store, and what stands in the caller's
// way, nil if that is all of it too.
type wiring struct{ all, near store.Store }

func (s namedStore) subject() subject {
	return subject{s.name, func(tb testing.TB, gw *gateway) getter {
		source := openSource(tb, s.open(tb), gw)
		return func(ctx context.Context) (string, error) {
			tok, err := source.Token(ctx, 0)
			return tok.Reveal(), err
		}
	}}
}

// openSource wires a Source as the door does.
func openSource(tb testing.TB, w wiring, gw *gateway) *token.Source {
	tb.Helper()
	source, err := token.New(token.Config{
		Store: w.all, Near: w.near, Key: "advoware_access_token", Fetch: gw.fetch, Logger: quiet(),
	})
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
	return wiring{all: both, near: near}
}

func openMemory(tb testing.TB) store.Store {
	mem, err := memory.New(memory.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = mem.Close() })
	return mem
}

// openRedis starts a server of its own, and skips where there is none.
func openRedis(tb testing.TB) wiring {
	rdb := goredis.NewClient(redisstore.Options(redistest.Start(tb).Addr()))
	tb.Cleanup(func() { _ = rdb.Close() })
	s, err := redisstore.New(redisstore.Config{Client: rdb, Logger: quiet()})
	if err != nil {
		tb.Fatal(err)
	}
	return wiring{all: s}
}
