// Package advoware is the door to the Advoware REST API: it reads the environment,
// wires the stores and returns a ready client.
//
//	c, err := advoware.Open() // once, for the whole program
//	…
//	defer c.Close()
//	employees, err := client.Get[[]Employee](ctx, c, "/employees", nil)
//
// Behind that stand a cache in this process, Redis shared with other processes (and
// with programs in other languages), one token request for all callers, its
// signature, and the HTTP client. Everything the door does can be done by hand from
// the packages client, client/token, client/gateway and store/…; the example ByHand does so.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the way of
// one call and for what happens in each failure.
package advoware

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/clienthook"
	"github.com/advoware-go/advoware/internal/roundtrip"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// Open returns a client configured by the environment: FromEnv and New.
func Open() (*client.Client, error) {
	cfg, err := FromEnv()
	if err != nil {
		return nil, err
	}
	return New(cfg)
}

// New returns a client for cfg, or one error that names every problem. It reads the
// files of certificates and, unless OneShot is set, begins to connect to Redis, so that
// the first call finds a connection; for that it does not wait. A Redis that is not there
// is noticed by the first call, and costs it at most 250 ms. Close the client when it is
// no longer needed; a Redis client that was passed in stays open.
func New(cfg Config) (*client.Client, error) {
	cfg.setDefaults()
	problems := cfg.check() // first, because it may take times over from Shared
	api, tokens := cfg.transports()
	gc := cfg.gateway()
	if gc.Base == nil {
		gc.Base = tokens
	}
	_, err := gateway.New(gc)
	if err := errors.Join(problems, err); err != nil {
		return nil, fmt.Errorf("advoware: %w", err)
	}
	stores := cfg.Shared
	if stores == nil {
		if stores, err = OpenStores(cfg); err != nil {
			return nil, err
		}
	}
	var release func()
	gc.Discovery, err = cfg.finder(stores, tokens)
	if err == nil {
		release, err = stores.claim(cfg.TokenKey, gc.Identity())
	}
	own := cfg.Shared == nil // what keeps all of cfg keeps that in memory
	closeStores := func() error {
		if own {
			return stores.Close()
		}
		if release != nil {
			release()
		}
		return nil
	}
	var c *client.Client
	if err == nil {
		c, err = connect(cfg, gc, api, stores, closeStores)
	}
	if err != nil {
		if gc.Discovery != nil {
			gc.Discovery.Close()
		}
		return nil, errors.Join(fmt.Errorf("advoware: %w", err), closeStores())
	}
	return c, nil
}

func connect(cfg Config, gc gateway.Config, api http.RoundTripper, stores *Stores, closeStores func() error) (*client.Client, error) {
	gw, err := gateway.New(gc)
	if err != nil {
		return nil, err
	}
	source, err := token.New(token.Config{
		Store: stores.all, Tiers: stores.tiers, Fetcher: &stores.fetcher, Credentials: gw.Credentials(), Key: cfg.TokenKey,
		Far: stores.callWait > 0, FarWait: stores.callWait,
		Fetch: gw.Fetch, Errors: gateway.Errors{}, FetchTimeout: cfg.Timeout,
		Lifetime: cfg.TokenLifetime, Margins: cfg.TokenMargins, OneShot: cfg.OneShot, Lazy: cfg.Lazy, Hooks: cfg.Hooks, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	cc := client.Config{
		BaseURL: cfg.BaseURL, AllowInsecure: cfg.AllowInsecure, Discovery: gc.Discovery, Source: source, Base: api, Wrap: cfg.WrapTransport, ReadOnly: cfg.ReadOnly,
		Timeout: cfg.Timeout, MaxAnswer: cfg.MaxAnswer, Logger: cfg.Logger, CallLevel: cfg.CallLevel,
	}
	if api == nil { // else it has them
		cc.TLS = cfg.APITLS
	}
	key := cfg.TokenKey
	clienthook.Attach(&cc, clienthook.Stores{
		Errors: stores.errors, Metrics: stores.metrics, Close: closeStores,
		Status: func(s *status.Client) { stores.describe(s, key) },
	})
	c, err := client.New(cc)
	if err != nil {
		source.Close()
	}
	return c, err
}

// describe completes the status of a client with that key, whose token is in it.
func (s *Stores) describe(st *status.Client, key string) {
	st.Near = st.Fingerprint != "" && s.callWait == 0
	if s.far != nil {
		s.far(key).Describe(st)
	}
}

// metrics returns what the stores did.
func (s *Stores) metrics() (n metric.Stores) {
	if s.near != nil {
		near := s.near.Stats()
		n.Near, n.NearTokens, n.NearEvicted, n.NearRejected = true, near.Tokens, near.Evicted, near.Rejected
	}
	if s.errors != nil {
		n.Far, n.FarErrors = true, s.errors()
	}
	if s.pushes != nil {
		n.Pushes = s.pushes()
	}
	return n
}

// transports returns what sends requests to the API and to the gateway, nil for what
// each makes for itself. Clients that share Stores share connections too.
func (c *Config) transports() (api, tokens http.RoundTripper) {
	switch {
	case c.Transport != nil:
		return c.Transport, c.Transport
	case c.Shared != nil:
		return c.Shared.transports(c)
	case c.Lazy: // that of a client keeps connections
		return roundtrip.New(c.apiOptions()), nil
	}
	return nil, nil
}

// apiOptions are for what sends requests to the API.
func (c *Config) apiOptions() roundtrip.Options {
	return roundtrip.Options{AllowInsecure: c.AllowInsecure, Once: c.Lazy, API: true, TLS: apitls.Config(c.APITLS), Logger: c.Logger}
}

// transports returns those of all clients that share the stores, for the API and for
// the gateway; nil for what a client makes for itself.
func (s *Stores) transports(c *Config) (api, tokens http.RoundTripper) {
	api = s.connections.Get(c.apiOptions())
	if _, ok := http.DefaultTransport.(*http.Transport); ok { // else the gateway uses what is there
		tokens = s.connections.Get(roundtrip.Options{AllowInsecure: c.AllowInsecure, Once: true})
	}
	return api, tokens
}

func (c *Config) gateway() gateway.Config {
	return gateway.Config{
		URL: c.TokenURL, AllowInsecure: c.AllowInsecure,
		App: c.App, Kanzlei: c.Kanzlei, Database: c.Database, User: c.User, Password: c.Password, Key: c.Key,
		Product: c.Product, Role: c.Role,
		// check reports negative ones by the names that they have in Config.
		Lifetime: max(0, c.TokenLifetime), Guard: max(0, c.TokenMargins.Guard),
		Timeout: c.Timeout, Base: c.GatewayTransport, Logger: c.Logger,
	}
}

// finder returns what finds the addresses of the Kanzlei, nil if they are as configured.
func (c *Config) finder(stores *Stores, base http.RoundTripper) (*discovery.Finder, error) {
	if !c.discovers() {
		return nil, nil
	}
	s, err := signer.New(c.Key)
	if err != nil {
		return nil, err
	}
	cfg := discovery.Config{
		URL: c.DiscoveryURL, Kanzlei: c.Kanzlei, BaseURL: c.BaseURL, TokenURL: c.TokenURL,
		Required: c.Discovery == DiscoveryOn, AllowInsecure: c.AllowInsecure, Base: base, Offices: &stores.offices,
		TTL: c.TokenLifetime, Lazy: c.Lazy, Logger: c.Logger,
		// A signature that only the API key can make, which all processes of the Kanzlei have.
		Key: c.TokenKey, Secret: secret.New(s.Sign(signer.Message{Nonce: "addresses"})),
	}
	if stores.notes != nil {
		cfg.Memory = stores.notes
	}
	return discovery.New(cfg)
}
