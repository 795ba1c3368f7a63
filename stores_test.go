package advoware_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// hanging is a gateway that never answers.
type hanging struct{ http.RoundTripper }

func (h hanging) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/Token") {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	return h.RoundTripper.RoundTrip(req)
}

func TestManyKanzleienShareStoresAndDoNotDelayEachOther(t *testing.T) {
	const many = 1000
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine stays
		fake := newFake(t, clienttest.Options{InMemory: true, Addr: "127.0.0.1:80", TokenLatency: time.Second})
		base := config(t, fake, nil)
		base.Store, base.Transport = advoware.StoreMemory, fake.Transport()
		stores, err := advoware.OpenStores(base)
		if err != nil {
			t.Fatal(err)
		}
		defer stores.Close()
		base.Shared = stores

		var wg sync.WaitGroup
		for i := range many {
			cfg := kanzlei(t, fake, base, i)
			hangs := i == 0
			if hangs {
				cfg.Transport = hanging{fake.Transport()}
			}
			c := open(t, cfg)
			wg.Go(func() {
				for range 2 {
					began := time.Now()
					echo, err := client.Get[clienttest.Echo](context.Background(), c, "/api/v1/Echo", nil)
					switch took := time.Since(began); {
					case hangs && err == nil:
						t.Error("the one that hangs got an answer")
					case hangs:
					case err != nil:
						t.Errorf("%s: %v", cfg.Kanzlei, err)
					case echo.Identity["Kanzlei"] != cfg.Kanzlei:
						t.Errorf("%s called as %s", cfg.Kanzlei, echo.Identity["Kanzlei"])
					case took > time.Second+100*time.Millisecond:
						t.Errorf("%s waited %v", cfg.Kanzlei, took)
					}
				}
			})
		}
		wg.Wait()
		if n := fake.Counts().TokenRequests; n != many-1 {
			t.Errorf("%d token requests, want one for each but the one that hangs", n)
		}
	})
}

func TestOneKeyForTwoIdentitiesIsRefused(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	base := config(t, fake, nil)
	base.Shared = advoware.UseStore(new(store.Map))
	first := open(t, base)
	second := kanzlei(t, fake, base, 1)
	second.TokenKey = base.TokenKey
	if _, err := advoware.New(second); !errors.Is(err, store.ErrIdentity) || !strings.Contains(err.Error(), base.TokenKey) {
		t.Errorf("New = %v, want an error that names the key", err)
	}
	again := open(t, base) // the same identity may
	mustCall(t, again)
	_ = first.Close()
	if _, err := advoware.New(second); !errors.Is(err, store.ErrIdentity) {
		t.Errorf("while the other one still uses it: %v", err)
	}
	_ = again.Close()
	if _, err := advoware.New(second); !errors.Is(err, store.ErrIdentity) {
		t.Errorf("while the other one's token may still be there: %v", err)
	}
}

func TestClientLeavesSharedStoresOpen(t *testing.T) {
	mr := miniredis.RunT(t)
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, clienttest.Options{InMemory: true})
		base := inBubble(t, fake, mr)
		stores, err := advoware.OpenStores(base)
		if err != nil {
			t.Fatal(err)
		}
		base.Shared = stores
		first := open(t, base)
		mustCall(t, first)
		_ = first.Close()
		second := open(t, base)
		mustCall(t, second)
		wantAsked(t, fake, 1, second) // it finds the token of the first; what the stores count is of both
		if err := stores.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestOpenStoresNamesEveryProblem(t *testing.T) {
	_, err := advoware.OpenStores(advoware.Config{
		Logger: slog.New(slog.DiscardHandler),
		Redis:  advoware.RedisConfig{Host: "redis.example", Port: -1, Timeout: -1},
	})
	for _, want := range []string{"Redis.Host", "Redis.Port", "Redis.Timeout"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

// Close is nil everywhere, the second time too, whatever is closed first.
func TestCloseInAnyOrder(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	cfg := sharing(t, fake, miniredis.RunT(t))
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreMemory, advoware.StoreRedis} {
		for _, order := range []string{"abs", "sab", "asb", "ssaabb", "abab"} {
			cfg := cfg
			cfg.Store = kind
			stores, err := advoware.OpenStores(cfg)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Shared = stores
			a, b := open(t, cfg), open(t, cfg)
			mustCall(t, a)
			for _, which := range order + "sba" {
				closed := map[rune]interface{ Close() error }{'a': a, 'b': b, 's': stores}[which]
				if err := closed.Close(); err != nil {
					t.Errorf("%s, %s: closing %c: %v", kind, order, which, err)
				}
			}
			if _, err := a.Call(t.Context(), client.Request{Endpoint: "/employees"}); !errors.Is(err, token.ErrClosed) {
				t.Errorf("%s, %s: a call of a closed client: %v", kind, order, err)
			}
		}
	}
}
