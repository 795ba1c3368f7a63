package redis_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/storetest"
)

// brief is a Config for tokens that live for a second.
func brief() redisstore.Config {
	return redisstore.Config{Lifetime: 2 * time.Hour, Margins: store.Margins{Guard: time.Millisecond, Margin: time.Millisecond}}
}

func TestConformanceOnRealRedis(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	cfg := storetest.Config{New: func(t testing.TB) store.Store { return newStore(t, srv, brief()) }}
	storetest.Run(t, cfg)
	storetest.RunShared(t, cfg)
	storetest.RunMany(t, cfg)
	wantTTLs(t, srv)
}

// The same without scripts, and without transactions for reads.
func TestConformanceWithoutScripts(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t, "--rename-command", "EVAL", "", "--rename-command", "EVALSHA", "")
	cfg := storetest.Config{New: func(t testing.TB) store.Store { return newStore(t, srv, brief()) }}
	storetest.Run(t, cfg)
	storetest.RunShared(t, cfg)
	storetest.RunMany(t, cfg)
	wantTTLs(t, srv)
}

func TestConformanceOnMiniredis(t *testing.T) {
	t.Parallel()
	mr := miniredis.RunT(t)
	storetest.Run(t, storetest.Config{
		New: func(t testing.TB) store.Store {
			cfg := brief()
			cfg.Client = newClient(t, patient(mr.Addr()))
			return mustNew(t, cfg)
		},
		// Its TTLs stand still by themselves; the expiry of tokens does not.
		Sleep: func(d time.Duration) { mr.FastForward(d); <-time.After(d) },
	})
}
