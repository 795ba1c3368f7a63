package advoware_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/store"
)

// network sends each request to a fake, whatever host it names, and remembers those that were
// answered.
type network struct {
	fake *clienttest.Server
	mu   sync.Mutex
	sent []*http.Request
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	there := req.Clone(req.Context())
	there.URL.Scheme, there.URL.Host = "http", strings.TrimPrefix(strings.TrimSuffix(n.fake.BaseURL(), "/"), "http://")
	there.Host = there.URL.Host
	resp, err := n.fake.Transport().RoundTrip(there)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sent = append(n.sent, req)
	return resp, err
}

// was returns what the requests since the last call were for, in the order of their answers.
func (n *network) was() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []string
	for _, req := range n.sent {
		what := "api"
		switch {
		case strings.HasSuffix(req.URL.Path, "/Url"):
			what = "vendor"
		case strings.HasSuffix(req.URL.Path, "/Token"):
			what = "token"
		}
		all = append(all, what+"@"+req.URL.Hostname())
	}
	n.sent = nil
	return strings.Join(all, " ")
}

// discovering returns the configuration of a client that asks where its Kanzlei is, at
// office.example.com by plain http, and a network that leads there.
func discovering(t *testing.T) (advoware.Config, *network) {
	t.Helper()
	cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true, Addr: "127.0.0.1:80"})
	n := &network{fake: fake}
	fake.SetDiscovery(cfg.Kanzlei, clienttest.Discovery{RelayURL: "http://office.example.com:90/", SecurityGateway: "http://office.example.com/"})
	cfg.Transport, cfg.AllowInsecure = n, true
	cfg.BaseURL, cfg.TokenURL = "https://api.example.org/", "https://gateway.example.org/t"
	cfg.DiscoveryURL = strings.Replace(fake.DiscoveryURL(), "127.0.0.1", "office.example.com", 1)
	cfg.Discovery = advoware.DiscoveryOn
	return cfg, n
}

func TestDoorAsksWhereTheKanzleiIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, n := discovering(t)
		c := open(t, cfg)
		mustCall(t, c)
		if got, want := n.was(), "vendor@office.example.com token@office.example.com api@office.example.com"; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		if c.Status().Discovered.IsZero() {
			t.Error("the status does not say that the address is known")
		}
	})
}

// The vendor is asked if nothing but its defaults is configured, or if it is wished.
func TestDoorAsksOnlyIfTheAddressIsNotConfigured(t *testing.T) {
	const defaultAPI, defaultGateway = "https://www2.advo-net.net:90", "https://security.advo-net.net/api/v1/Token"
	for name, c := range map[string]struct {
		kind     advoware.Discovery
		api, url string
		want     string
	}{
		"auto":                {advoware.DiscoveryAuto, "", "", "vendor@office.example.com token@office.example.com api@office.example.com"},
		"auto, written":       {"", defaultAPI, defaultGateway, "vendor@office.example.com token@office.example.com api@office.example.com"},
		"auto, an API":        {advoware.DiscoveryAuto, "https://api.example.org/", "", "token@security.advo-net.net api@api.example.org"},
		"auto, a gateway":     {advoware.DiscoveryAuto, "", "https://gateway.example.org/api/v1/Token", "token@gateway.example.org api@www2.advo-net.net"},
		"off":                 {advoware.DiscoveryOff, "", "", "token@security.advo-net.net api@www2.advo-net.net"},
		"on, with an address": {advoware.DiscoveryOn, "https://api.example.org/", "https://gateway.example.org/Token", "vendor@office.example.com token@office.example.com api@office.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, n := discovering(t)
				cfg.Discovery, cfg.BaseURL, cfg.TokenURL = c.kind, c.api, c.url
				mustCall(t, open(t, cfg))
				if got := n.was(); got != c.want {
					t.Errorf("sent %s, want %s", got, c.want)
				}
			})
		})
	}
}

// Without an answer the defaults serve, with one warning, unless one is required.
func TestDoorWithoutAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, n := discovering(t)
		n.fake.SetDiscovery(cfg.Kanzlei, clienttest.Discovery{Status: http.StatusInternalServerError})
		var log bytes.Buffer
		cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
		if _, err := open(t, cfg).Call(t.Context(), client.Request{Endpoint: "/employees"}); !errors.Is(err, discovery.ErrNoAddress) {
			t.Errorf("got %v", err)
		}
		if got, want := n.was(), "vendor@office.example.com"; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}

		cfg.Discovery, cfg.BaseURL, cfg.TokenURL = advoware.DiscoveryAuto, "", ""
		log.Reset()
		c := open(t, cfg)
		mustCall(t, c)
		mustCall(t, c)
		if got, want := n.was(), "vendor@office.example.com token@security.advo-net.net api@www2.advo-net.net api@www2.advo-net.net"; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
		if strings.Count(log.String(), "level=WARN") != 1 {
			t.Errorf("want one warning:\n%s", log.String())
		}
	})
}

func TestDoorRefusesWhatIsWrongAboutDiscovery(t *testing.T) {
	for want, change := range map[string]func(*advoware.Config){
		`Discovery is "perhaps", not auto, on or off`:  func(c *advoware.Config) { c.Discovery = "perhaps" },
		"DiscoveryURL would send secrets in the clear": func(c *advoware.Config) { c.DiscoveryURL = "http://office.example.com/Url" },
	} {
		cfg, _ := advowaretest.Config(t, clienttest.Options{})
		change(&cfg)
		if _, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// An address is believed for as long as a token: then a token request waits for the vendor's
// answer. Where nothing goes on between calls it waits sooner.
func TestDoorAsksAgain(t *testing.T) {
	const answered, beside = "vendor@office.example.com token@office.example.com", "token@office.example.com vendor@office.example.com"
	for name, c := range map[string]struct {
		change func(*advoware.Config)
		after  time.Duration
		want   string
	}{
		"while it is believed": {func(*advoware.Config) {}, 30 * time.Minute, beside},
		"a shorter lifetime":   {func(c *advoware.Config) { c.TokenLifetime = 20 * time.Minute }, 30 * time.Minute, answered},
		"lazy":                 {func(c *advoware.Config) { c.Lazy = true }, 2 * time.Minute, answered},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, n := discovering(t)
				cfg.OneShot = true // else a token is fetched meanwhile
				c.change(&cfg)
				cl := open(t, cfg)
				mustCall(t, cl)
				n.was()
				time.Sleep(c.after)
				slow := n.fake.Discovery(cfg.Kanzlei)
				slow.Delay = time.Second
				n.fake.SetDiscovery(cfg.Kanzlei, slow)
				if _, err := cl.Source().Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Second)
				if got := n.was(); got != c.want {
					t.Errorf("sent %s, want %s", got, c.want)
				}
			})
		})
	}
}

// Clients of one Kanzlei on one Stores ask once.
func TestClientsOnOneStoresAskWhereTheKanzleiIsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, n := discovering(t)
		stores, err := advoware.OpenStores(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer stores.Close()
		cfg.Shared = stores
		mustCall(t, open(t, cfg))
		mustCall(t, open(t, cfg))
		if got := n.fake.Counts().DiscoveryRequests; got != 1 {
			t.Errorf("the vendor was asked %d times", got)
		}
	})
}

// notebook is a Redis that knows short texts and nothing else. It is asked without a network, so
// that it is as quick on any machine.
type notebook struct {
	mu   sync.Mutex
	text map[string]string
}

func (*notebook) DialHook(goredis.DialHook) goredis.DialHook { return nil }

func (*notebook) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(_ context.Context, cmds []goredis.Cmder) error {
		err := errors.New("ERR unknown command")
		for _, c := range cmds {
			c.SetErr(err)
		}
		return err
	}
}

func (b *notebook) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(_ context.Context, cmd goredis.Cmder) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		args := cmd.Args()
		switch c := cmd.(type) {
		case *goredis.StringCmd: // GETRANGE
			c.SetVal(b.text[fmt.Sprint(args[1])])
			return nil
		case *goredis.Cmd:
			if fmt.Sprint(args[0]) == "set" {
				b.text[fmt.Sprint(args[1])] = fmt.Sprint(args[2])
				c.SetVal("OK")
				return nil
			}
		}
		cmd.SetErr(errors.New("ERR unknown command"))
		return cmd.Err()
	}
}

func (b *notebook) client() *goredis.Client {
	rdb := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1", DB: 1, Dialer: noDial})
	rdb.AddHook(b)
	return rdb
}

// Processes with one Redis tell each other where the Kanzlei is, so that one of them asks. Those
// with another API key do not believe what they find.
func TestDoorRemembersTheAddressInRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		book := &notebook{text: make(map[string]string)}
		cfg, n := discovering(t)
		cfg.Store, cfg.Lazy = advoware.StoreTiered, true // which follows nothing
		for range 2 {
			cfg.Redis.Client = book.client()
			c := open(t, cfg)
			mustCall(t, c)
			_ = c.Close()
			_ = cfg.Redis.Client.Close()
		}
		if got := n.fake.Counts().DiscoveryRequests; got != 1 {
			t.Errorf("the vendor was asked %d times by two processes", got)
		}
		key := "{" + cfg.TokenKey + "}:address"
		if text := book.text[key]; !strings.Contains(text, "office.example.com") || strings.Contains(text, cfg.Key.Reveal()) {
			t.Errorf("under %s there is %q", key, text)
		}
	})
}

// A client that cannot be made does not keep the search of another one going, which ends with the
// last client of the Kanzlei.
func TestClientThatCannotBeMadeKeepsNoSearchGoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, n := discovering(t)
		slow := n.fake.Discovery(cfg.Kanzlei)
		slow.Delay = 10 * time.Second
		n.fake.SetDiscovery(cfg.Kanzlei, slow)
		cfg.Shared = advoware.UseStore(new(store.Map))
		c := open(t, cfg)
		other := cfg
		other.User = "somebody-else" // on the same key, which is refused
		if _, err := advoware.New(other); !errors.Is(err, store.ErrIdentity) {
			t.Fatal(err)
		}
		began := time.Now()
		time.AfterFunc(time.Second, func() { _ = c.Close() })
		if _, err := c.BaseURL(t.Context()); !errors.Is(err, discovery.ErrClosed) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
