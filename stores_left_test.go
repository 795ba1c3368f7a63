package advoware_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/storehook"
)

// Stores that are closed have no token any more.
func TestClosedStoresKeepNoToken(t *testing.T) {
	t.Parallel()
	for _, kind := range []advoware.StoreKind{advoware.StoreMemory, advoware.StoreTiered} {
		fake := newFake(t, clienttest.Options{})
		cfg := config(t, fake, nil)
		cfg.Store = kind
		stores, err := advoware.OpenStores(cfg)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Shared = stores
		mustCall(t, open(t, cfg))
		near := storehook.Of(stores).Near
		if _, err := near.Get(t.Context(), cfg.TokenKey); err != nil {
			t.Errorf("%v: before: %v", kind, err)
		}
		if err := stores.Close(); err != nil {
			t.Error(err)
		}
		if tok, err := near.Get(t.Context(), cfg.TokenKey); err == nil {
			t.Errorf("%v: afterwards: %v, %v", kind, tok, err)
		}
	}
}

// Clients on shared stores keep no connection to the gateway: one request in many minutes needs none.
func TestNoConnectionToTheGatewayIsKept(t *testing.T) {
	t.Parallel()
	fake := newFake(t, clienttest.Options{})
	cfg := config(t, fake, nil)
	cfg.Store = advoware.StoreMemory
	stores, err := advoware.OpenStores(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	cfg.Shared = stores
	c := open(t, cfg)
	for range 3 {
		if _, err := c.Source().Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := fake.Counts(); n.TokenRequests != 3 || n.Connections != 3 {
		t.Errorf("%d connections for %d token requests", n.Connections, n.TokenRequests)
	}
}

// What the store has to say of a client of Redis is in the log of the configuration.
func TestLogOfAGivenRedisClient(t *testing.T) {
	t.Parallel()
	rdb := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1", DB: 1, MaxRetries: 7, Dialer: noDial})
	defer rdb.Close()
	cfg := config(t, newFake(t, clienttest.Options{}), nil)
	var said bytes.Buffer
	cfg.Redis = advoware.RedisConfig{Client: rdb}
	cfg.Logger = slog.New(slog.NewTextHandler(&said, nil))
	stores, err := advoware.OpenStores(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := stores.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(said.String(), "MaxRetries=7") {
		t.Errorf("logged: %s", said.String())
	}
}
