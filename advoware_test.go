package advoware_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
)

func TestRestartMakesNoTokenRequest(t *testing.T) {
	mr := miniredis.RunT(t)
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, clienttest.Options{InMemory: true})
		var all []*client.Client
		for range 3 {
			c := open(t, inBubble(t, fake, mr))
			mustCall(t, c)
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			all = append(all, c)
		}
		wantAsked(t, fake, 1, all...)
	})
}

func TestTwoDoorsShareOneToken(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		t.Run(string(kind), func(t *testing.T) {
			mr := miniredis.RunT(t)
			synctest.Test(t, func(t *testing.T) {
				fake := newFake(t, clienttest.Options{InMemory: true})
				cfg := inBubble(t, fake, mr)
				cfg.Store = kind
				a, b := open(t, cfg), open(t, cfg)
				mustCall(t, a)
				mustCall(t, b)
				mustCall(t, a)
				wantAsked(t, fake, 1, a, b)
				if got, err := mr.DB(1).Get(cfg.TokenKey); err != nil || strings.Count(got, ".") != 2 {
					t.Errorf("Redis has %d bytes, %v; want the raw token", len(got), err)
				}
			})
		})
	}
}

func TestMemoryIsNotShared(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	cfg := config(t, fake, nil)
	cfg.Store = advoware.StoreMemory
	a, b := open(t, cfg), open(t, cfg)
	mustCall(t, a)
	mustCall(t, b)
	mustCall(t, a)
	if n := fake.Counts().TokenRequests; n != 2 {
		t.Errorf("%d token requests, want 2", n)
	}
}

func TestTieredWorksWithoutRedis(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	c := open(t, config(t, fake, nil))
	mustCall(t, c)
	mustCall(t, c)
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
	if s := c.Stats(); s.StoreErrors == 0 {
		t.Error("no Redis error in the statistics")
	}
}

func TestRedisAloneFailsWithoutRedis(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	cfg := config(t, fake, nil)
	cfg.Store = advoware.StoreRedis
	if _, err := open(t, cfg).Call(t.Context(), client.Request{Endpoint: "/employees"}); err == nil {
		t.Error("no error")
	}
	if n := fake.Counts().TokenRequests; n != 0 {
		t.Errorf("%d token requests, want none", n)
	}
}

func TestAnotherIdentityOnTheSameKeyIsRefused(t *testing.T) {
	mr := miniredis.RunT(t)
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, clienttest.Options{InMemory: true})
		cfg := inBubble(t, fake, mr)
		err := fake.AddIdentity(clienttest.Identity{
			AppID: cfg.App, APIKey: apiKeyOf(fake), Kanzlei: cfg.Kanzlei, Database: cfg.Database,
			User: "somebody-else", Password: password, Product: cfg.Product, Role: cfg.Role,
		})
		if err != nil {
			t.Fatal(err)
		}
		mustCall(t, open(t, cfg))

		other := cfg
		other.User, other.Password = "somebody-else", secret.New(password)
		for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
			other.Store = kind
			_, err = open(t, other).Call(t.Context(), client.Request{Endpoint: "/employees"})
			if !errors.Is(err, store.ErrIdentity) || !strings.Contains(err.Error(), cfg.TokenKey) {
				t.Errorf("%s: got %v, want ErrIdentity with the key", kind, err)
			}
		}
		other.TokenKey = "a_key_of_its_own"
		mustCall(t, open(t, other))
	})
}

func apiKeyOf(fake *clienttest.Server) string { return fake.Options().APIKey }

func TestRedisClientOfTheCallerStaysOpen(t *testing.T) {
	fake, mr := newFake(t, clienttest.Options{}), miniredis.RunT(t)
	rdb := goredis.NewClient(&goredis.Options{Addr: mr.Addr(), DB: 1})
	defer rdb.Close()
	cfg := config(t, fake, nil)
	cfg.Redis = advoware.RedisConfig{Client: rdb}
	c := open(t, cfg)
	mustCall(t, c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if n, err := rdb.Exists(t.Context(), cfg.TokenKey).Result(); n != 1 || err != nil {
		t.Errorf("got %d, %v; want the token, from an open client", n, err)
	}
}

func TestCloseIsIdempotent(t *testing.T) {
	mr := miniredis.RunT(t)
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, clienttest.Options{InMemory: true})
		for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis, advoware.StoreMemory} {
			cfg := inBubble(t, fake, mr)
			cfg.Store = kind
			c := open(t, cfg)
			mustCall(t, c)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if err := c.Close(); err != nil {
						t.Errorf("%s: %v", kind, err)
					}
				})
			}
			wg.Wait()
			if _, err := c.Source().Token(context.Background(), time.Minute); err == nil {
				t.Errorf("%s: a closed client has a token", kind)
			}
		}
	})
}

func TestNewNamesEveryProblem(t *testing.T) {
	_, err := advoware.New(advoware.Config{
		BaseURL: "http://api.example", TokenURL: "ftp://gateway.example", Kanzlei: "\xff",
		Role: -1, TokenLifetime: -1, TokenMargins: advoware.Margins{Guard: -1, Margin: -1}, Timeout: -1,
		Redis: advoware.RedisConfig{Host: "redis.example", Port: -1, DB: new(-1), Timeout: -1},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{
		"BaseURL", "URL", "App", "Kanzlei", "Database", "User", "Password", "Key", "Role", "TokenLifetime", "TokenMargins.Guard", "TokenMargins.Margin", "Timeout",
		"Redis.Host", "Redis.Port", "Redis.DB", "Redis.Timeout",
	} {
		if !strings.Contains(err.Error(), name+" ") {
			t.Errorf("%s is not named in:\n%v", name, err)
		}
	}
	if _, err := advoware.New(advoware.Config{Store: "redys"}); err == nil || !strings.Contains(err.Error(), "redys") {
		t.Errorf("an unknown store: %v", err)
	}
}

// Lifetimes of a few minutes are for tests and demonstrations.
func TestShortLifetime(t *testing.T) {
	mr := miniredis.RunT(t)
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, clienttest.Options{InMemory: true})
		for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
			cfg := inBubble(t, fake, mr)
			cfg.Store, cfg.TokenLifetime = kind, time.Minute
			mustCall(t, open(t, cfg))
		}
		if keys := mr.DB(1).Keys(); len(keys) > 0 {
			t.Errorf("%q was written, too short-lived to be shared", keys)
		}
	})
}

// With guard and margin in proportion they are shared, and end as they should.
func TestShortLifetimeThatIsShared(t *testing.T) {
	mr := miniredis.RunT(t)
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, clienttest.Options{InMemory: true})
		var all []*client.Client
		for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
			for range 2 {
				cfg := inBubble(t, fake, mr)
				cfg.Store, cfg.TokenLifetime, cfg.TokenMargins.Guard, cfg.TokenMargins.Margin = kind, time.Minute, 2*time.Second, 10*time.Second
				c := open(t, cfg)
				mustCall(t, c)
				all = append(all, c)
				wantAsked(t, fake, 1, all...)
				tok, err := c.Source().Token(t.Context(), 0)
				if left := time.Until(tok.Expiry()); err != nil || left > 58*time.Second || left < 28*time.Second {
					t.Errorf("%s: it lasts for %v, %v; want a minute less the guard", kind, left, err)
				}
				if ttl := mr.DB(1).TTL(cfg.TokenKey); ttl > 48*time.Second || ttl < 18*time.Second {
					t.Errorf("%s: Redis has it for %v; want the margin less than that", kind, ttl)
				}
			}
		}
		wantAsked(t, fake, 1, all...)
	})
}

// TestOwnTransport: both the token request and the call go through it.
func TestOwnTransport(t *testing.T) {
	fake := newFake(t, clienttest.Options{InMemory: true, Addr: "localhost:80"})
	cfg := config(t, fake, nil)
	cfg.Store = advoware.StoreMemory
	seen := make(map[string]int)
	cfg.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		seen[req.URL.Path]++
		return fake.Transport().RoundTrip(req)
	})
	mustCall(t, open(t, cfg))
	if seen["/api/v1/Token"] != 1 || seen["/employees"] != 1 {
		t.Errorf("got %v", seen)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
