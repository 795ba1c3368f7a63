package advoware_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
)

// houses are the Stores on which the clients of one identity act as one.
var houses = map[string]func(*testing.T, *clienttest.Server) (advoware.Config, *advoware.Stores){
	"memory": func(t *testing.T, fake *clienttest.Server) (advoware.Config, *advoware.Stores) {
		cfg := config(t, fake, nil)
		cfg.Store = advoware.StoreMemory
		return cfg, openStores(t, cfg)
	},
	"tiered": func(t *testing.T, fake *clienttest.Server) (advoware.Config, *advoware.Stores) {
		cfg := config(t, fake, miniredis.RunT(t))
		return cfg, openStores(t, cfg)
	},
	"tiered without Redis": func(t *testing.T, fake *clienttest.Server) (advoware.Config, *advoware.Stores) {
		cfg := config(t, fake, nil)
		return cfg, openStores(t, cfg)
	},
	"a store of one's own": func(t *testing.T, fake *clienttest.Server) (advoware.Config, *advoware.Stores) {
		return config(t, fake, nil), advoware.UseStore(new(store.Map))
	},
}

func openStores(t *testing.T, cfg advoware.Config) *advoware.Stores {
	t.Helper()
	stores, err := advoware.OpenStores(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stores.Close() })
	return stores
}

// inEachHouse runs a test with n clients of one identity on one Stores.
func inEachHouse(t *testing.T, opts clienttest.Options, n int, change func(*advoware.Config), test func(*testing.T, *clienttest.Server, []*client.Client)) {
	for name, house := range houses {
		t.Run(fmt.Sprintf("%s/%d", name, n), func(t *testing.T) {
			fake := newFake(t, opts)
			cfg, stores := house(t, fake)
			cfg.Shared = stores
			change(&cfg)
			clients := make([]*client.Client, n)
			for i := range clients {
				clients[i] = open(t, cfg)
			}
			test(t, fake, clients)
		})
	}
}

func asIs(*advoware.Config) {}

// all makes calls by all clients at once, and returns how they ended.
func all(t *testing.T, clients []*client.Client, times int) (errs []error) {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, c := range clients {
		for range times {
			wg.Go(func() {
				_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			})
		}
	}
	wg.Wait()
	return errs
}

func wantTokenRequests(t *testing.T, fake *clienttest.Server, want int) {
	t.Helper()
	if n := fake.Counts().TokenRequests; n != want {
		t.Errorf("%d token requests, want %d", n, want)
	}
}

func TestClientsOnOneStoresMakeOneTokenRequest(t *testing.T) {
	for _, n := range []int{1, 4, 64} {
		inEachHouse(t, clienttest.Options{TokenLatency: 300 * time.Millisecond}, n, asIs, func(t *testing.T, fake *clienttest.Server, clients []*client.Client) {
			if err := errors.Join(all(t, clients, 4)...); err != nil {
				t.Error(err)
			}
			wantTokenRequests(t, fake, 1)
		})
	}
}

// The gateway is down, and asks to be left alone for a minute: for all clients.
func TestClientsOnOneStoresBackOffAsOne(t *testing.T) {
	inEachHouse(t, clienttest.Options{}, 4, asIs, func(t *testing.T, fake *clienttest.Server, clients []*client.Client) {
		fake.Inject(clienttest.Fault{Times: -1, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"60"}}})
		for range 3 {
			for _, err := range all(t, clients, 4) {
				var failed *token.FetchError
				if !errors.As(err, &failed) || failed.Refused || time.Until(failed.NextAttempt) < 30*time.Second {
					t.Errorf("got %v", err)
				}
			}
		}
		wantTokenRequests(t, fake, 1)
	})
}

func TestClientsOnOneStoresAreRefusedOnce(t *testing.T) {
	mistyped := func(cfg *advoware.Config) { cfg.Password = secret.New("mistyped") }
	inEachHouse(t, clienttest.Options{}, 4, mistyped, func(t *testing.T, fake *clienttest.Server, clients []*client.Client) {
		for range 3 {
			for _, err := range all(t, clients, 4) {
				var failed *token.FetchError
				if !errors.As(err, &failed) || !failed.Refused {
					t.Errorf("got %v", err)
				}
			}
		}
		wantTokenRequests(t, fake, 1)
	})
}

// An endpoint that always says 401 costs three token requests besides the first one,
// whichever client asks it.
func TestClientsOnOneStoresHaveOneBudget(t *testing.T) {
	inEachHouse(t, clienttest.Options{}, 4, asIs, func(t *testing.T, fake *clienttest.Server, clients []*client.Client) {
		fake.Inject(clienttest.Fault{On: clienttest.API, Times: -1, Status: http.StatusUnauthorized})
		for range 10 {
			for _, err := range all(t, clients, 4) {
				if !errors.Is(err, client.ErrUnauthorized) {
					t.Errorf("got %v", err)
				}
			}
		}
		if n := fake.Counts().TokenRequests; n > 1+3 {
			t.Errorf("%d token requests, want the first and three", n)
		}
	})
}

// A client that is closed during its token request, and one that is opened for each call.
func TestClosedClientHarmsNoOtherOnItsStores(t *testing.T) {
	inEachHouse(t, clienttest.Options{TokenLatency: 500 * time.Millisecond}, 4, asIs, func(t *testing.T, fake *clienttest.Server, clients []*client.Client) {
		leader := make(chan error, 1)
		go func() {
			_, err := clients[0].Call(t.Context(), client.Request{Endpoint: "/employees"})
			leader <- err
		}()
		for fake.Counts().TokenRequests == 0 {
			time.Sleep(time.Millisecond)
		}
		done := make(chan []error, 1)
		go func() { done <- all(t, clients[1:], 4) }()
		if err := clients[0].Close(); err != nil {
			t.Error(err)
		}
		if err := <-leader; !errors.Is(err, token.ErrClosed) {
			t.Errorf("the call of the client that was closed: %v", err)
		}
		if err := errors.Join(<-done...); err != nil {
			t.Errorf("the others: %v", err)
		}
		wantTokenRequests(t, fake, 1)
	})
}

func TestReopenedClientHasNoNewAttempts(t *testing.T) {
	for name, house := range houses {
		t.Run(name, func(t *testing.T) {
			fake := newFake(t, clienttest.Options{})
			cfg, stores := house(t, fake)
			cfg.Shared, cfg.Password = stores, secret.New("mistyped")
			for range 10 {
				c := open(t, cfg)
				_, _ = c.Call(t.Context(), client.Request{Endpoint: "/employees"})
				_ = c.Close()
			}
			wantTokenRequests(t, fake, 1)
		})
	}
}
