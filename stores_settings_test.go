package advoware_test

import (
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/storehook"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/tiered"
)

// An outage is told to the hook and to the log of the stores.
func TestOutageIsTold(t *testing.T) {
	var log e2etest.Records
	down := make(chan error, 10)
	cfg := config(t, newFake(t, clienttest.Options{}), nil)
	cfg.RedisHooks.FarDown = func(err error) { down <- err }
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	c := open(t, cfg)
	mustCall(t, c)
	select {
	case err := <-down:
		if err == nil {
			t.Error("without an error")
		}
	case <-time.After(time.Minute):
		t.Fatal("the hook is not called")
	}
	e2etest.WaitUntil(t, "it is in the log", func() bool { return len(log.Lines("level=WARN msg=\"Redis unreachable")) == 1 })
}

// Changes in Redis are pushed to a process that has a near store.
func TestChangesInRedisArePushed(t *testing.T) {
	srv := redistest.Start(t)
	cfg := sharing(t, newFake(t, clienttest.Options{}), srv)
	c := open(t, cfg)
	mustCall(t, c)
	e2etest.WaitUntil(t, "a change was pushed", func() bool {
		srv.Do("SET", cfg.TokenKey, "of.another.program", "EX", "3000")
		return c.Metrics().Stores.Pushes > 0
	})
}

// What another program has put into Redis is believed to last as long as it lasts there, and by
// the margin longer, but no longer than any token.
func TestForeignTokenIsBelievedWithinTheLifetime(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		for name, c := range map[string]struct {
			ttl  time.Duration
			most time.Duration
		}{"the lifetime": {time.Hour, 10 * time.Minute}, "the margin": {5 * time.Minute, 6 * time.Minute}} {
			t.Run(string(kind)+"/"+name, func(t *testing.T) {
				mr := miniredis.RunT(t)
				synctest.Test(t, func(t *testing.T) {
					cfg := inBubble(t, newFake(t, clienttest.Options{InMemory: true}), mr)
					cfg.Store, cfg.TokenLifetime, cfg.TokenMargins = kind, 10*time.Minute, advoware.Margins{Guard: time.Second, Margin: time.Minute}
					if err := mr.DB(redistest.DB).Set(cfg.TokenKey, "of.another.program"); err != nil {
						t.Fatal(err)
					}
					mr.DB(redistest.DB).SetTTL(cfg.TokenKey, c.ttl)
					tok, err := open(t, cfg).Source().Token(t.Context(), 0)
					if left := time.Until(tok.Expiry()); err != nil || left > c.most {
						t.Errorf("it is used for %v, %v; want %v at most", left, err, c.most)
					}
				})
			})
		}
	}
}

// A token of which less is left than Redis keeps is not there.
func TestStatusOfATokenThatIsNotShared(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		cfg := sharing(t, newFake(t, clienttest.Options{}), miniredis.RunT(t))
		cfg.Store, cfg.TokenLifetime = kind, time.Minute
		c := open(t, cfg)
		mustCall(t, c)
		if st := c.Status(); st.State != status.Fresh || st.Far == status.Yes {
			t.Errorf("%s: %+v", kind, st)
		}
	}
}

// Sealed tokens are in Redis in a form that others cannot read, and of one process the next one
// can. Shared with another identity by mistake, they are not used.
func TestSealedTokensAreShared(t *testing.T) {
	_, key := sealKey(t, "a")
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreRedis} {
		t.Run(string(kind), func(t *testing.T) {
			mr := miniredis.RunT(t)
			synctest.Test(t, func(t *testing.T) {
				fake := newFake(t, clienttest.Options{InMemory: true})
				cfg := inBubble(t, fake, mr)
				cfg.Store, cfg.SealKeys, cfg.TokenKey = kind, []sealed.Key{key}, "a_key"
				a, b := open(t, cfg), open(t, cfg)
				mustCall(t, a)
				mustCall(t, b)
				wantAsked(t, fake, 1, a, b)
				theirs, err := a.Source().Token(t.Context(), 0)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := mr.DB(redistest.DB).Get(cfg.TokenKey); err != nil || strings.Contains(got, theirs.Reveal()) {
					t.Errorf("Redis has %d bytes, %v; want no token that can be read", len(got), err)
				}
				mr.DB(redistest.DB).Del(rediskey.Metadata(cfg.TokenKey)) // which has the identity as well
				other := kanzlei(t, fake, cfg, 1)
				other.TokenKey = cfg.TokenKey
				if tok, err := open(t, other).Source().Token(t.Context(), 0); err == nil && tok.Equal(theirs) {
					t.Error("another Kanzlei has got the token")
				}
			})
		})
	}
}

// Sealed Stores do not share the key that programs use which do not seal.
func TestSealedStoresRefuseTheKeyOfOthers(t *testing.T) {
	_, key := sealKey(t, "a")
	cfg := config(t, newFake(t, clienttest.Options{}), nil)
	cfg.SealKeys = []sealed.Key{key}
	stores := openStores(t, cfg)
	cfg.Shared, cfg.SealKeys, cfg.TokenKey = stores, nil, ""
	if _, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), "TokenKey") || !strings.Contains(err.Error(), "SealKeys") {
		t.Errorf("got %v", err)
	}
	cfg.TokenKey = "a_key"
	_ = open(t, cfg)
	// Others share it.
	cfg = config(t, newFake(t, clienttest.Options{}), nil)
	cfg.Shared, cfg.TokenKey = openStores(t, cfg), ""
	mustCall(t, open(t, cfg))
}

// A key is one identity's as long as its token is in the near store, which has no identities.
func TestKeyOfATokenInTheNearStore(t *testing.T) {
	for name, house := range houses {
		fake := newFake(t, clienttest.Options{})
		cfg, stores := house(t, fake)
		cfg.Shared = stores
		first := open(t, cfg)
		mustCall(t, first)
		_ = first.Close()
		second := kanzlei(t, fake, cfg, 1)
		second.TokenKey = cfg.TokenKey
		if _, err := advoware.New(second); !errors.Is(err, store.ErrIdentity) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Stores that cannot be opened leave nothing behind: a bubble does not end while a goroutine is left.
func TestStoresThatCannotBeOpened(t *testing.T) {
	for want, change := range map[string]func(*advoware.Config){
		"Margins.Guard":  func(c *advoware.Config) { c.TokenMargins.Guard = -1 },
		"Margins.Margin": func(c *advoware.Config) { c.TokenMargins.Margin = -1 },
		"Lifetime":       func(c *advoware.Config) { c.TokenLifetime = -1 },
		"SealKeys":       func(c *advoware.Config) { c.SealKeys = []sealed.Key{{}} },
		"NearCapacity":   func(c *advoware.Config) { c.NearCapacity = -1 },
		"Store is":       func(c *advoware.Config) { c.Store = "redys" },
		"Logger":         func(c *advoware.Config) { c.Logger = new(slog.Logger) },
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := advoware.Config{OneShot: true}
			change(&cfg)
			stores, err := advoware.OpenStores(cfg)
			if err == nil || !strings.HasPrefix(err.Error(), "advoware: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, %v", want, stores, err)
			}
		})
	}
	for want, open := range map[string]func() (*advoware.Stores, error){
		"Far": func() (*advoware.Stores, error) { return advoware.UseTiers(nil, nil, tiered.Config{}) },
		"FarTimeout": func() (*advoware.Stores, error) {
			return advoware.UseTiers(nil, new(ownFar), tiered.Config{FarTimeout: -1})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			if stores, err := open(); err == nil || !strings.HasPrefix(err.Error(), "advoware: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, %v", want, stores, err)
			}
		})
	}
}

// A client that cannot be made leaves nothing of its own stores behind.
func TestClientThatCannotBeMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, _ := advowaretest.Config(t, clienttest.Options{InMemory: true})
		cfg.Shared = advoware.UseStore(new(store.Map))
		other := cfg
		other.User = "somebody-else"
		_ = open(t, other)
		if c, err := advoware.New(cfg); !errors.Is(err, store.ErrIdentity) || c != nil || !strings.HasPrefix(err.Error(), "advoware: ") {
			t.Errorf("got %v, %v", c, err)
		}
	})
}

// UseTiers uses what it is given: the slots that are named, the figures of a near memory, the
// margins, and a client on lazy tiers is lazy.
func TestUseTiersUsesWhatItIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mem, err := memory.New(memory.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer mem.Close()
		var asked atomic.Int64
		slot := func(key string) *atomictoken.Slot { asked.Add(1); return mem.Slot(key) }
		margins := store.Margins{Guard: time.Second, Margin: 2 * time.Second}
		stores, err := advoware.UseTiers(mem, new(ownFar), tiered.Config{NearSlot: slot, Margins: margins})
		if err != nil {
			t.Fatal(err)
		}
		defer stores.Close()
		cfg, _ := advowaretest.Config(t, clienttest.Options{InMemory: true})
		cfg.Store, cfg.Shared, cfg.TokenMargins, cfg.OneShot = "", stores, margins, true // margins that say the same
		c := open(t, cfg)
		mustCall(t, c)
		mustCall(t, c)
		if asked.Load() == 0 {
			t.Error("the slots are others")
		}
		if got := c.Metrics().Stores; !got.Near || got.NearTokens != 1 || !got.Far || got.FarErrors != 0 {
			t.Errorf("%+v", got)
		}
		if st := c.Status(); st.Redis == nil || !st.Redis.Up || st.Far != status.Yes {
			t.Errorf("%+v, %+v", st, st.Redis)
		}
		tok, err := c.Source().Token(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(tok.Expiry()) - 1500*time.Millisecond) // of which the far store knows nothing
		if st := c.Status(); st.State != status.Fresh || st.Far != status.No {
			t.Errorf("less than the margin before its end: %+v", st)
		}
	})
}

func TestUseTiersNamesTheFarStore(t *testing.T) {
	for name, want := range map[string]string{"": "the far store unreachable", "memcached": "memcached unreachable"} {
		synctest.Test(t, func(t *testing.T) {
			var log e2etest.Records
			far := new(ownFar)
			far.down.Store(true)
			stores, err := advoware.UseTiers(nil, far, tiered.Config{FarName: name, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			defer stores.Close()
			cfg, _ := advowaretest.Config(t, clienttest.Options{InMemory: true})
			cfg.Store, cfg.Shared = "", stores
			mustCall(t, open(t, cfg))
			time.Sleep(time.Minute)
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not say %q:\n%s", want, log.String())
			}
		})
	}
}

// A client on lazy tiers is lazy, and their near store has no timers.
func TestLazyTiers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stores, err := advoware.UseTiers(nil, new(ownFar), tiered.Config{Lazy: true})
		if err != nil {
			t.Fatal(err)
		}
		defer stores.Close()
		cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
		cfg.Store, cfg.Shared = "", stores
		c := open(t, cfg)
		mustCall(t, c)
		time.Sleep(54 * time.Minute)
		if n := fake.Counts().TokenRequests; n != 1 {
			t.Errorf("%d token requests while nobody calls", n)
		}
		mustCall(t, c)
		if n := fake.Counts().TokenRequests; n != 2 {
			t.Errorf("%d token requests after a call that found it due", n)
		}
		if n := c.Metrics().Stores; n.Near {
			t.Errorf("a near store with figures: %+v", n)
		}
	})
}

// What counts for each client on the stores is told to who looks into them.
func TestStoresTellTheirSettings(t *testing.T) {
	_, key := sealKey(t, "a")
	cfg := advoware.Config{
		OneShot: true, TokenLifetime: time.Hour, TokenMargins: advoware.Margins{Guard: time.Second, Margin: time.Minute}, SealKeys: []sealed.Key{key},
		Redis: advoware.RedisConfig{Host: "127.0.0.2"},
	}
	found := storehook.Of(openStores(t, cfg))
	if found.Lifetime != time.Hour || found.Margins != cfg.TokenMargins || len(found.SealKeys) != 1 || found.All == nil || found.Redis.Host != "127.0.0.2" {
		t.Errorf("%+v", found)
	}
	margins := store.Margins{Guard: time.Second, Margin: 2 * time.Second}
	stores, err := advoware.UseTiers(nil, new(ownFar), tiered.Config{Margins: margins})
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	if found := storehook.Of(stores); found.Margins != margins || found.Near == nil || found.Pending == nil || found.All == nil {
		t.Errorf("%+v", found)
	}
}

// Stores begin to connect when they are opened, unless they are for few calls.
func TestStoresConnectWhenTheyAreOpened(t *testing.T) {
	listen := func() (accepted chan struct{}, cfg advoware.Config) {
		accepted = make(chan struct{}, 10)
		addr := redistest.Listen(t, func(c net.Conn) {
			accepted <- struct{}{}
			_, _ = io.Copy(io.Discard, c)
		})
		return accepted, advoware.Config{Redis: advoware.RedisConfig{URL: secret.New("redis://" + addr + "?" + e2etest.Unhurried)}}
	}
	quiet, once := listen()
	lazy := once
	once.OneShot, lazy.Lazy = true, true
	openStores(t, once)
	openStores(t, lazy)
	ready, cfg := listen()
	openStores(t, cfg)
	select {
	case <-ready:
	case <-time.After(time.Minute):
		t.Error("those of a server have not connected")
	}
	if len(quiet) > 0 {
		t.Error("those for few calls have connected, before one that came later")
	}
}

// Which lifetime tokens have is settled before one is fetched.
func TestLifetimeIsPromised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
		cfg.TokenLifetime = 20 * time.Minute
		_, err := open(t, cfg).Source().Token(t.Context(), 12*time.Minute)
		if n := fake.Counts().TokenRequests; !errors.Is(err, token.ErrAtLeast) || n != 0 {
			t.Errorf("%d token requests, %v", n, err)
		}
	})
}

// Without a Logger all parts have the usual one.
func TestWithoutALogger(t *testing.T) {
	defer func(l *slog.Logger, to io.Writer, flags int) {
		slog.SetDefault(l)
		log.SetOutput(to)
		log.SetFlags(flags)
	}(slog.Default(), log.Writer(), log.Flags())
	var said e2etest.Records
	slog.SetDefault(slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug})))
	cfg := config(t, newFake(t, clienttest.Options{}), nil)
	cfg.Logger = nil
	c := open(t, cfg)
	if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); err != nil {
		t.Error(err)
	}
	for _, want := range []string{`msg="token request"`, `msg="token fetched"`, `msg="api `} {
		if len(said.Lines(want)) == 0 {
			t.Errorf("no %s in\n%s", want, said.String())
		}
	}
}
