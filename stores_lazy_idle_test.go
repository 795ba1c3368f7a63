package advoware_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
)

// A lazy process connects to nothing before its first call, and closes what a call has opened: to
// Redis, to the gateway and to the API. Another one keeps its connections.
func TestALazyProcessKeepsNoConnection(t *testing.T) {
	const calls = 3
	for name, lazy := range map[string]bool{"lazy": true, "not lazy": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mr := miniredis.RunT(t)
			cfg, fake := advowaretest.Config(t, clienttest.Options{})
			cfg.Transport, cfg.GatewayTransport = nil, nil // what the door makes itself
			cfg.Store, cfg.Lazy, cfg.Redis.URL = advoware.StoreTiered, lazy, secret.New("redis://"+mr.Addr()+"/1")
			cl := open(t, cfg)
			if !lazy {
				until(t, "it connects to Redis", func() bool { return mr.CurrentConnectionCount() > 0 })
			} else if n := mr.TotalConnectionCount(); n != 0 {
				t.Errorf("%d connections to Redis before the first call", n)
			}
			for range calls {
				mustCall(t, cl)
				if lazy {
					until(t, "no connection to Redis is open", func() bool { return mr.CurrentConnectionCount() == 0 })
				}
			}
			if n := mr.CurrentConnectionCount(); !lazy && n == 0 {
				t.Error("no connection to Redis is kept")
			}
			if n := fake.Counts().Connections; lazy != (n >= 1+calls) {
				t.Errorf("%d connections for a token request and %d calls", n, calls)
			}
		})
	}
}

// A client on a store of the program's own is lazy if its Config says so: no timer renews its token.
func TestALazyClientOnAnOwnStore(t *testing.T) {
	for name, c := range map[string]struct {
		lazy bool
		want int // token requests
	}{"lazy": {true, 1}, "not lazy": {false, 2}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stores := advoware.UseStore(new(store.Map))
				defer stores.Close()
				cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
				cfg.Store, cfg.Shared, cfg.Lazy = "", stores, c.lazy
				mustCall(t, open(t, cfg))
				time.Sleep(store.DefaultLifetime - time.Minute) // it is due by then
				if n := fake.Counts().TokenRequests; n != c.want {
					t.Errorf("%d token requests, want %d", n, c.want)
				}
			})
		})
	}
}

// until waits for what happens beside.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); <-time.After(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
