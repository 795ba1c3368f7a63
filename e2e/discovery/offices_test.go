package discovery_test

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

// One process serves an office on the relay and one with a connector, by one Stores.
func TestOfficesAreCalledAtTheirOwnAddresses(t *testing.T) {
	for name, stores := range map[string]func(*testing.T, advoware.Config) *advoware.Stores{
		"Redis": func(t *testing.T, cfg advoware.Config) *advoware.Stores {
			s, err := advoware.OpenStores(cfg)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
		"a store of one's own": func(*testing.T, advoware.Config) *advoware.Stores { return advoware.UseStore(new(store.Map)) },
	} {
		t.Run(name, func(t *testing.T) {
			v := startVendor(t)
			atRelay, atConnector := clienttest.Start(t, clienttest.Options{}), clienttest.Start(t, clienttest.Options{})
			base := discovering(e2etest.Sharing(t, atRelay, redistest.Start(t)), v, atRelay)
			shared := stores(t, base)
			t.Cleanup(func() { _ = shared.Close() })
			one, other := e2etest.Kanzlei(t, atRelay, base, 1), e2etest.Kanzlei(t, atConnector, base, 2)
			v.change(func() {
				v.says[one.Kanzlei], v.says[other.Kanzlei] = relay(atRelay), connector(atConnector, atConnector)
			})
			one.Shared, other.Shared = shared, shared
			if name != "Redis" {
				one.Redis, other.Redis = advoware.RedisConfig{}, advoware.RedisConfig{}
			}
			clients := []*client.Client{open(t, one), open(t, other)}
			for range 3 {
				for _, c := range clients {
					mustCall(t, c)
				}
			}
			wantBase(t, clients[0], atRelay)
			wantBase(t, clients[1], atConnector)
			for _, fake := range []*clienttest.Server{atRelay, atConnector} {
				if n := fake.Counts(); n.APICalls != 3 || n.TokenRequests != 1 || n.Unauthorized != 0 {
					t.Errorf("%+v", n)
				}
			}
			v.wantAsked(t, 2)
			mustCall(t, open(t, other)) // one more client of an office that is known
			v.wantAsked(t, 2)
		})
	}
}

func TestWhenTheVendorIsAsked(t *testing.T) {
	v, fake := startVendor(t), clienttest.Start(t, clienttest.Options{})
	v.change(func() { v.says[fake.Options().Kanzlei] = relay(fake) })
	for _, c := range []struct {
		name   string
		change func(*advoware.Config)
		asked  int
	}{
		{"defaults", func(*advoware.Config) {}, 1},
		{"defaults, spelled otherwise", func(c *advoware.Config) { c.BaseURL = "HTTPS://WWW2.advo-net.net:90" }, 1},
		{"the base URL is set", func(c *advoware.Config) { c.BaseURL = fake.BaseURL() }, 0},
		{"the token URL is set", func(c *advoware.Config) { c.TokenURL = fake.TokenURL() }, 0},
		{"off", func(c *advoware.Config) { c.Discovery = advoware.DiscoveryOff }, 0},
		{"on", func(c *advoware.Config) {
			c.Discovery, c.BaseURL, c.TokenURL = advoware.DiscoveryOn, "https://other.invalid/", fake.TokenURL()
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := v.asked()
			cfg := discovering(memory(t, fake), v, fake)
			c.change(&cfg)
			one := open(t, cfg)
			for range 2 {
				mustCall(t, one)
			}
			if n := v.asked() - before; n != c.asked {
				t.Errorf("the vendor was asked %d times, want %d", n, c.asked)
			}
		})
	}
	cfg := memory(t, fake)
	cfg.Discovery, cfg.DiscoveryURL = "perhaps", "ftp://x"
	if _, err := advoware.New(cfg); err == nil {
		t.Error("nonsense is taken")
	} else {
		t.Log(err)
	}
}

func TestOnWithoutAnAnswer(t *testing.T) {
	v, fake := startVendor(t), clienttest.Start(t, clienttest.Options{})
	cfg := discovering(memory(t, fake), v, fake)
	cfg.Discovery = advoware.DiscoveryOn
	c := open(t, cfg)
	for range 5 {
		if _, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/appointments"}); !errors.Is(err, discovery.ErrNoAddress) || !errors.Is(err, client.ErrNotSent) {
			t.Error(err)
		}
	}
	v.wantAsked(t, 1)
	if n := fake.Counts(); n.APICalls+n.TokenRequests != 0 {
		t.Errorf("%+v", n)
	}
}

func TestWithoutAnAnswerTheDefaultsServeWithOneWarning(t *testing.T) {
	t.Parallel()
	v, fake, log := startVendor(t), clienttest.Start(t, clienttest.Options{}), new(e2etest.Records)
	v.change(func() { v.hang = true })
	cfg := discovering(e2etest.Sharing(t, fake, redistest.Start(t)), v, fake)
	cfg.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	one := open(t, cfg)
	for range 3 {
		mustCall(t, one)
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	mustCall(t, open(t, cfg)) // another process, which reads of it in Redis
	v.wantAsked(t, 1)
	if lines := log.Lines("the vendor does not say"); len(lines) != 1 {
		t.Errorf("%q", lines)
	}
}
