package advoware_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
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
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
)

// When a token is renewed: ahead of its end by a timer, by the call that finds it due, or by the
// call that finds none. On Stores of that kind a client is lazy without being told.
func TestRenewalIsAsConfigured(t *testing.T) {
	for name, c := range map[string]struct {
		change       func(*advoware.Config)
		shared       bool // the client is told nothing
		planned      bool
		before, then int // token requests until a call at 54 minutes, and after it
	}{
		"ahead":               {func(*advoware.Config) {}, false, true, 2, 2},
		"one shot":            {func(c *advoware.Config) { c.OneShot = true }, false, false, 1, 1},
		"lazy":                {func(c *advoware.Config) { c.Lazy = true }, false, true, 1, 2},
		"on Stores":           {func(*advoware.Config) {}, true, true, 2, 2},
		"on Stores, lazy":     {func(c *advoware.Config) { c.Lazy = true }, true, true, 1, 2},
		"on Stores, one shot": {func(c *advoware.Config) { c.OneShot = true }, true, true, 2, 2}, // that is the client's own business
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
				plain := cfg
				c.change(&cfg)
				if c.shared {
					stores, err := advoware.OpenStores(cfg)
					if err != nil {
						t.Fatal(err)
					}
					defer stores.Close()
					cfg = plain
					cfg.Shared = stores
				}
				var planned atomic.Int64
				cfg.Hooks.RenewalPlanned = func(store.Token, time.Time) { planned.Add(1) }
				cl := open(t, cfg)
				mustCall(t, cl)
				time.Sleep(54 * time.Minute)
				if n := fake.Counts().TokenRequests; n != c.before {
					t.Errorf("%d token requests before the second call, want %d", n, c.before)
				}
				mustCall(t, cl)
				if n := fake.Counts().TokenRequests; n != c.then {
					t.Errorf("%d token requests after the second call, want %d", n, c.then)
				}
				if (planned.Load() > 0) != c.planned {
					t.Errorf("%d renewals were planned", planned.Load())
				}
			})
		})
	}
}

// A token is given up by the margins of the configuration: the renewal is planned for before.
func TestRenewalIsPlannedByTheMargins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, _ := advowaretest.Config(t, clienttest.Options{InMemory: true})
		cfg.TokenMargins = advoware.Margins{Guard: time.Second, Margin: 40 * time.Minute}
		began, first := time.Now(), time.Time{}
		cfg.Hooks.RenewalPlanned = func(_ store.Token, at time.Time) { first = at }
		mustCall(t, open(t, cfg))
		if in := first.Sub(began); in <= 0 || in > 15*time.Minute {
			t.Errorf("it is renewed in %v, want it before Redis would forget it after 15 minutes", in)
		}
	})
}

func TestReadOnlyIsForTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := sandboxed(t, func(cfg *advoware.Config) { cfg.ReadOnly = true })
		_, err := c.Call(t.Context(), client.Request{Method: http.MethodPost, Endpoint: "/employees", Body: struct{}{}})
		if n := fake.Counts(); !errors.Is(err, client.ErrReadOnly) || n.APICalls+n.TokenRequests != 0 {
			t.Errorf("got %v, %+v", err, n)
		}
	})
}

// WrapTransport has the requests to the API, whatever sends them.
func TestWrapTransportHasTheCalls(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	for name, transport := range map[string]http.RoundTripper{"its own": nil, "of the caller": fake.Client().Transport} {
		cfg := config(t, fake, nil)
		cfg.Store, cfg.Transport = advoware.StoreMemory, transport
		var paths []string
		cfg.WrapTransport = func(next http.RoundTripper) http.RoundTripper {
			return tripper(func(r *http.Request) (*http.Response, error) {
				paths = append(paths, r.URL.Path)
				return next.RoundTrip(r)
			})
		}
		mustCall(t, open(t, cfg))
		if got := strings.Join(paths, " "); got != "/employees" {
			t.Errorf("%s: it has %s", name, got)
		}
	}
}

// The vendor gives a product and a role of their own to some; with others there is no token.
func TestProductAndRoleAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, _ := advowaretest.Config(t, clienttest.Options{InMemory: true, Product: 7, Role: 9})
		if cfg.Product != 7 || cfg.Role != 9 {
			t.Fatalf("%d, %d", cfg.Product, cfg.Role)
		}
		mustCall(t, open(t, cfg))
		for _, change := range []func(*advoware.Config){
			func(c *advoware.Config) { c.Product = 64 }, func(c *advoware.Config) { c.Role = 2 },
		} {
			other := cfg
			change(&other)
			if _, err := open(t, other).Source().Token(t.Context(), 0); err == nil {
				t.Errorf("a token as %d, %d", other.Product, other.Role)
			}
		}
	})
}

// AllowInsecure is for the API and for the gateway.
func TestAllowInsecureIsForBoth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, n := discovering(t)
		cfg.Discovery, cfg.BaseURL, cfg.TokenURL = advoware.DiscoveryOff, "http://api.example.com/", "http://gateway.example.com/api/v1/Token"
		mustCall(t, open(t, cfg))
		if got, want := n.was(), "token@gateway.example.com api@api.example.com"; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		cfg.AllowInsecure = false
		if _, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), "BaseURL") || !strings.Contains(err.Error(), "URL") {
			t.Errorf("got %v", err)
		}
	})
}

// All parts log where they are told to, those of the stores too.
func TestAllPartsLogToTheLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		cfg, n := discovering(t)
		n.fake.SetDiscovery(cfg.Kanzlei, clienttest.Discovery{Status: http.StatusInternalServerError})
		cfg.Discovery, cfg.BaseURL, cfg.TokenURL = advoware.DiscoveryAuto, "", ""
		cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		mustCall(t, open(t, cfg))
		synctest.Wait()
		for part, want := range map[string]string{
			"discovery": "level=WARN", "gateway": `msg="token request"`, "token": `msg="token fetched"`, "client": `msg="api `,
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log has nothing of %s:\n%s", part, log.String())
			}
		}
	})
}

// Processes with the same wrong password make one token request: what it is refused for is in
// Redis. One with another password makes its own.
func TestProcessesShareARefusal(t *testing.T) {
	fake, mr := newFake(t, clienttest.Options{}), miniredis.RunT(t)
	cfg := sharing(t, fake, mr)
	cfg.Store = advoware.StoreRedis
	right := cfg.Password
	cfg.Password = secret.New("mistyped")
	var failed *token.FetchError
	for range 3 {
		c := open(t, cfg)
		if _, err := c.Source().Token(t.Context(), 0); !errors.As(err, &failed) || !failed.Refused {
			t.Errorf("got %v", err)
		}
		if err := c.Close(); err != nil { // which waits until Redis has it
			t.Error(err)
		}
	}
	wantTokenRequests(t, fake, 1)
	cfg.Password = right
	mustCall(t, open(t, cfg))
}

// connections counts those that a server has accepted, and how many of them were closed.
type connections struct {
	accepted, ended chan struct{}
}

func (c *connections) note(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.accepted <- struct{}{}
	case http.StateClosed:
		c.ended <- struct{}{}
	}
}

// calling returns the configuration of a client whose API counts connections, and is not the
// fake's.
func calling(t *testing.T) (advoware.Config, *connections) {
	t.Helper()
	fake := newFake(t, clienttest.Options{})
	cfg := config(t, fake, nil)
	all := &connections{make(chan struct{}, 100), make(chan struct{}, 100)}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("[]")) }))
	srv.Config.ConnState = all.note
	srv.Start()
	t.Cleanup(srv.Close)
	cfg.Store, cfg.BaseURL = advoware.StoreMemory, srv.URL
	return cfg, all
}

// Calls share a connection, which the end of the Stores closes, or of the client that has its own.
// A lazy client has one for each call, which is closed with it, as nothing would notice that it
// broke.
func TestConnectionsToTheAPI(t *testing.T) {
	for name, c := range map[string]struct {
		lazy, shared bool
		want         int
	}{"of a client": {false, false, 1}, "of Stores": {false, true, 1}, "lazy": {true, false, 3}, "lazy Stores": {true, true, 3}} {
		t.Run(name, func(t *testing.T) {
			cfg, conns := calling(t)
			cfg.Lazy = c.lazy
			var stores *advoware.Stores
			if c.shared {
				stores = openStores(t, cfg)
				cfg.Shared = stores
			}
			cl := open(t, cfg)
			for range 3 {
				mustCall(t, cl)
			}
			if n := len(conns.accepted); n != c.want {
				t.Errorf("%d connections for three calls, want %d", n, c.want)
			}
			if !c.lazy && len(conns.ended) > 0 {
				t.Error("it is closed while the client is open")
			}
			switch {
			case c.shared && !c.lazy:
				if err := cl.Close(); err != nil {
					t.Error(err)
				}
				if err := stores.Close(); err != nil {
					t.Error(err)
				}
			case !c.lazy:
				if err := cl.Close(); err != nil {
					t.Error(err)
				}
			}
			for range c.want {
				select {
				case <-conns.ended:
				case <-time.After(time.Minute):
					t.Fatal("a connection stays open")
				}
			}
		})
	}
}

// What a program has put into net/http sends token requests, of clients on shared Stores too.
func TestAnotherDefaultTransportSendsTokenRequests(t *testing.T) {
	was := http.DefaultTransport
	defer func() { http.DefaultTransport = was }()
	var paths []string
	http.DefaultTransport = tripper(func(r *http.Request) (*http.Response, error) {
		paths = append(paths, r.URL.Path)
		return was.RoundTrip(r)
	})
	for name, shared := range map[string]bool{"of its own": false, "shared": true} {
		cfg := config(t, newFake(t, clienttest.Options{}), nil)
		cfg.Store = advoware.StoreMemory
		if shared {
			cfg.Shared = openStores(t, cfg)
		}
		paths = nil
		mustCall(t, open(t, cfg))
		if len(paths) == 0 || paths[0] != "/api/v1/Token" {
			t.Errorf("%s: it has sent %q", name, paths)
		}
	}
}
