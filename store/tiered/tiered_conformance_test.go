package tiered_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/storetest"
	"github.com/advoware-go/advoware/store/tiered"

	goredis "github.com/redis/go-redis/v9"
)

func TestConformanceOnMaps(t *testing.T) {
	storetest.Run(t, storetest.Config{
		New: func(t testing.TB) store.Store { return over(t, new(store.Map), new(store.Map)) },
		In:  synctest.Test,
	})
}

func TestConformanceOnMemoryAndRealRedis(t *testing.T) {
	srv := redistest.Start(t)
	storetest.Run(t, storetest.Config{New: func(t testing.TB) store.Store {
		o := redisstore.Options(srv.Addr())
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Minute, time.Minute, time.Minute, time.Minute
		client := goredis.NewClient(o)
		t.Cleanup(func() { client.Close() })
		far, err := redisstore.New(redisstore.Config{
			Client: client, Timeout: time.Minute, Logger: slog.New(slog.DiscardHandler), Lifetime: 2 * time.Hour, Margins: store.Margins{Guard: time.Millisecond, Margin: time.Millisecond},
		})
		if err != nil {
			t.Fatal(err)
		}
		near, err := memory.New(memory.Config{Capacity: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { near.Close() })
		return over(t, near, far)
	}})
}

func over(t testing.TB, near, far store.Store) store.Store {
	// The suite is about what is stored, not about how long one waits for it.
	s, err := tiered.New(tiered.Config{Near: near, Far: far, FarWait: time.Minute, FarTimeout: time.Minute, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
