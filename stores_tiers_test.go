package advoware_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/internal/storehook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/storetest"
	"github.com/advoware-go/advoware/store/tiered"
)

// ownFar is a far store of a user's own: a map that other processes reach too, and that may
// be down.
type ownFar struct {
	store.Map
	gets atomic.Int64
	down atomic.Bool
}

var errOwnFar = errors.New("memcached: connection refused")

func (f *ownFar) Get(ctx context.Context, key string) (store.Token, error) {
	if f.gets.Add(1); f.down.Load() {
		return store.Token{}, errOwnFar
	}
	return f.Map.Get(ctx, key)
}

func (f *ownFar) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if f.down.Load() {
		return store.Token{}, errOwnFar
	}
	return f.Map.CompareAndSwap(ctx, key, old, tok)
}

func (f *ownFar) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if f.down.Load() {
		return errOwnFar
	}
	return f.Map.CompareAndDelete(ctx, key, old)
}

// process opens a client on an own far store, as a process of a fleet would.
func process(t *testing.T, fake *clienttest.Server, far store.Store, more tiered.Config) (advoware.Config, *advoware.Stores) {
	t.Helper()
	stores, err := advoware.UseTiers(nil, far, more)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stores.Close() })
	cfg, err := advoware.ReadEnv(fake.Getenv, advoware.StoreTiered)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Transport, cfg.AllowInsecure, cfg.Shared = fake.Transport(), true, stores
	return cfg, stores
}

// What UseTiers puts together keeps the promises of a store, whatever is near.
func TestUseTiersKeepsThePromises(t *testing.T) {
	t.Parallel()
	for name, near := range map[string]func() store.Store{"the library's": func() store.Store { return nil }, "a map": func() store.Store { return new(store.Map) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, storetest.Config{In: synctest.Test, New: func(t testing.TB) store.Store {
				stores, err := advoware.UseTiers(near(), new(ownFar), tiered.Config{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = stores.Close() })
				return storehook.Of(stores).All
			}})
		})
	}
}

// An own far store keeps the near one: hits do not go there, a second process finds the
// token, an outage is not seen, and what was fetched meanwhile is written back.
func TestUseTiers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, clienttest.Options{InMemory: true})
		far := new(ownFar)
		more := tiered.Config{Lease: &leasemap.Map{Store: &far.Map}}
		cfg, _ := process(t, fake, far, more)
		first := open(t, cfg)
		mustCall(t, first)
		asked := far.gets.Load()
		for range 100 {
			mustCall(t, first)
		}
		if n := far.gets.Load() - asked; n > 1 {
			t.Errorf("100 hits looked into the far store %d times", n)
		}
		cfg, _ = process(t, fake, far, more)
		second := open(t, cfg)
		mustCall(t, second)
		if n := fake.Counts().TokenRequests; n != 1 {
			t.Errorf("%d token requests by two processes", n)
		}
		if st := second.Status(); st.State != status.Fresh || !st.Near || st.Far != status.Yes {
			t.Errorf("%+v", st)
		}

		far.down.Store(true)
		began := time.Now()
		if _, err := second.Source().Refresh(t.Context()); err != nil {
			t.Errorf("while the far store is down: %v", err)
		}
		mustCall(t, second)
		if waited := time.Since(began); waited > time.Second {
			t.Errorf("a call waited %v for a far store that is down", waited)
		}
		if st := second.Status(); st.Redis.Up || st.Far != status.Pending || second.Stats().StoreErrors == 0 {
			t.Errorf("while it is down: %+v, %+v, %+v", st, st.Redis, second.Stats())
		}
		far.down.Store(false)
		time.Sleep(time.Minute)
		mustCall(t, second)
		time.Sleep(time.Minute)
		tok, err := second.Source().Token(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if there, err := far.Get(t.Context(), cfg.TokenKey); err != nil || !there.Equal(tok) {
			t.Errorf("after the outage: %v, %v, want the token that was fetched meanwhile", there, err)
		}
	})
}

func TestUseTiersTellsWhatIsMissing(t *testing.T) {
	var none *ownFar
	for name, far := range map[string]store.Store{"nil": nil, "a nil pointer": none} {
		if _, err := advoware.UseTiers(nil, far, tiered.Config{}); err == nil || !strings.Contains(err.Error(), "Far") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := advoware.UseTiers(nil, new(ownFar), tiered.Config{FarTimeout: -1}); err == nil || !strings.Contains(err.Error(), "FarTimeout") {
		t.Errorf("%v", err)
	}
}

// The margins of the stores are those of their clients; other ones are refused.
func TestUseTiersHasTheMargins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, clienttest.Options{InMemory: true})
		far := new(ownFar)
		margins := store.Margins{Guard: time.Second, Margin: 2 * time.Second}
		cfg, stores := process(t, fake, far, tiered.Config{Margins: margins})
		c := open(t, cfg)
		mustCall(t, c)
		tok, err := c.Source().Token(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if life := tok.Expiry().Sub(tok.IssuedAt()); life <= 55*time.Minute-10*time.Second {
			t.Errorf("the token is used for %v, want all but a second of 55 minutes", life)
		}
		cfg.TokenMargins = store.Margins{Guard: 3 * time.Second, Margin: 2 * time.Second}
		if _, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), "TokenMargins") {
			t.Errorf("other margins: %v", err)
		}
		// The far store is the caller's, and stays open.
		_ = c.Close()
		if err := stores.Close(); err != nil {
			t.Error(err)
		}
		if _, err := far.Get(t.Context(), cfg.TokenKey); err != nil {
			t.Errorf("after Close: %v", err)
		}
	})
}

// Whether a client is lazy is settled by the stores that it shares: to ask for it beside others is an
// error, and beside lazy ones it is not.
func TestLazyIsSettledByTheStores(t *testing.T) {
	for _, lazy := range []bool{true, false} {
		cfg := config(t, newFake(t, clienttest.Options{}), nil)
		cfg.Store, cfg.Lazy = advoware.StoreMemory, lazy
		stores, err := advoware.OpenStores(cfg)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Shared, cfg.Lazy = stores, true
		c, err := advoware.New(cfg)
		if err == nil {
			_ = c.Close()
		}
		if (err == nil) != lazy || err != nil && !strings.Contains(err.Error(), "Lazy has no effect") {
			t.Errorf("beside stores that are lazy, %v: %v", lazy, err)
		}
		_ = stores.Close()
	}
}

// Tiers without margins have the usual ones.
func TestUseTiersHasTheUsualMargins(t *testing.T) {
	stores, err := advoware.UseTiers(nil, new(store.Map), tiered.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	if got, want := storehook.Of(stores).Margins, (store.Margins{}).WithDefaults(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
