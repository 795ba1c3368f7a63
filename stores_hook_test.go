package advoware_test

import (
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/storehook"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
)

// The doctor sees the tokens of this process, and what it still has to write.
func TestStoresCanBeLookedInto(t *testing.T) {
	srv := redistest.Start(t)
	for kind, want := range map[advoware.StoreKind]struct{ near, pending, redis bool }{
		advoware.StoreTiered: {true, true, true},
		advoware.StoreMemory: {true, false, false},
		advoware.StoreRedis:  {false, false, true},
	} {
		t.Run(string(kind), func(t *testing.T) {
			fake := newFake(t, clienttest.Options{})
			cfg := config(t, fake, nil)
			cfg.Store, cfg.TokenKey = kind, "key-"+string(kind)
			if want.redis {
				cfg.Redis = advoware.RedisConfig{URL: secret.New("redis://" + srv.Addr() + "?" + e2etest.Unhurried)}
			}
			stores, err := advoware.OpenStores(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer stores.Close()
			cfg.Shared = stores
			if _, err := client.Get[clienttest.Echo](t.Context(), open(t, cfg), "/api/v1/Echo", nil); err != nil {
				t.Fatal(err)
			}
			found := storehook.Of(stores)
			if (found.Near != nil) != want.near || (found.Pending != nil) != want.pending || (found.Redis != nil) != want.redis {
				t.Fatalf("%+v", found)
			}
			if want.near {
				if tok, err := found.Near.Get(t.Context(), cfg.TokenKey); err != nil || tok.IsZero() {
					t.Error(tok, err)
				}
			}
			if want.pending { // on a busy machine Redis may have been waited for in vain
				e2etest.WaitUntil(t, "nothing is pending", func() bool { return found.Pending() == 0 })
			}
			if want.redis && found.Redis.URL.Reveal() != cfg.Redis.URL.Reveal() {
				t.Errorf("another Redis: %v", found.Redis)
			}
			if err := stores.Close(); err != nil || storehook.Of(stores).Near != nil || storehook.Of(stores).Redis != nil {
				t.Error("it looks into closed stores", err)
			}
		})
	}
	for _, none := range []any{nil, (*advoware.Stores)(nil), new(advoware.Stores), advoware.UseStore(new(store.Map)), "anything"} {
		if found := storehook.Of(none); found.Near != nil || found.Pending != nil || found.Redis != nil {
			t.Errorf("%v: %+v", none, found)
		}
	}
}
