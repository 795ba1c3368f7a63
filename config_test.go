package advoware_test

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/tiered"
)

// Whoever sets something relies on it: what another setting makes void is an error that
// names both.
func TestNoSettingIsVoid(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	_, key := sealKey(t, "a")
	_, other := sealKey(t, "b")
	rdb := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:7", DB: 3, Username: "u", Password: "p"})
	defer rdb.Close()
	cluster := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{"127.0.0.1:7"}})
	defer cluster.Close()
	hooks := tiered.Hooks{FarUp: func() {}}
	plain := func() advoware.Config { // without a Redis of its own
		cfg := config(t, fake, nil)
		cfg.Redis = advoware.RedisConfig{}
		cfg.TokenKey = "a_key"
		return cfg
	}
	withStores := func(opening func(*advoware.Config), using func(*advoware.Config)) advoware.Config {
		cfg := plain()
		opening(&cfg)
		stores, err := advoware.OpenStores(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = stores.Close() })
		cfg = plain()
		cfg.Shared = stores
		using(&cfg)
		return cfg
	}
	with := func(change func(*advoware.Config)) advoware.Config { cfg := plain(); change(&cfg); return cfg }
	mine := func(change func(*advoware.Config)) advoware.Config {
		return with(func(c *advoware.Config) { c.Shared = advoware.UseStore(new(store.Map)); change(c) })
	}
	given := func(change func(*advoware.RedisConfig)) advoware.Config {
		return with(func(c *advoware.Config) { c.Redis.Client = rdb; change(&c.Redis) })
	}
	memory := func(change func(*advoware.Config)) advoware.Config {
		return with(func(c *advoware.Config) { c.Store = advoware.StoreMemory; change(c) })
	}
	nothing := func(*advoware.Config) {}

	for name, c := range map[string]struct {
		cfg   advoware.Config
		names []string // none: it is heeded
	}{
		"UseStore and SealKeys": {mine(func(c *advoware.Config) { c.SealKeys = []sealed.Key{key} }), []string{"SealKeys", "Shared"}},
		"UseStore and hooks":    {mine(func(c *advoware.Config) { c.RedisHooks = hooks }), []string{"RedisHooks", "Shared"}},
		"UseStore and a client": {mine(func(c *advoware.Config) { c.Redis.Client = rdb }), []string{"Redis.Client", "Shared"}},
		"UseStore and TLS":      {mine(func(c *advoware.Config) { c.Redis.TLSConfig = new(tls.Config) }), []string{"Redis.TLSConfig", "Shared"}},
		"UseStore and Redis":    {mine(func(c *advoware.Config) { c.Store = advoware.StoreRedis }), []string{"Store", "Shared"}},
		"UseStore":              {mine(nothing), nil},
		"UseStore and Memory":   {mine(func(c *advoware.Config) { c.Store = advoware.StoreMemory }), nil},
		"UseStore and lifetimes": {mine(func(c *advoware.Config) {
			c.TokenLifetime, c.TokenMargins.Guard, c.OneShot = time.Hour, time.Second, true
		}), nil},
		"UseStore where Redis is": {mine(func(c *advoware.Config) {
			c.Redis.Host, c.Redis.Password = "localhost", secret.New("p")
		}), nil},

		"Memory and SealKeys":   {memory(func(c *advoware.Config) { c.SealKeys = []sealed.Key{key} }), []string{"SealKeys", "memory"}},
		"Memory and a client":   {memory(func(c *advoware.Config) { c.Redis.Client = rdb }), []string{"Redis.Client", "memory"}},
		"Memory and TLS":        {memory(func(c *advoware.Config) { c.Redis.TLSConfig = new(tls.Config) }), []string{"Redis.TLSConfig", "memory"}},
		"Memory and hooks":      {memory(func(c *advoware.Config) { c.RedisHooks = hooks }), []string{"RedisHooks", "memory"}},
		"UseStore, where it is": {mine(func(c *advoware.Config) { c.Redis.Host = "redis.example" }), nil},
		"the shared key":        {with(func(c *advoware.Config) { c.TokenKey = "" }), nil},
		"Memory, where it is":   {memory(func(c *advoware.Config) { c.Redis.Host, c.Redis.Port = "redis.example", 7 }), nil},
		"Redis alone, hooks":    {with(func(c *advoware.Config) { c.Store, c.RedisHooks = advoware.StoreRedis, hooks }), []string{"RedisHooks", "redis"}},
		"SealKeys, shared key":  {with(func(c *advoware.Config) { c.SealKeys, c.TokenKey = []sealed.Key{key}, "" }), []string{"SealKeys", "TokenKey"}},
		"and something else":    {with(func(c *advoware.Config) { c.SealKeys, c.TokenKey, c.Kanzlei = []sealed.Key{key}, "", "" }), []string{"SealKeys", "TokenKey", "Kanzlei"}},

		"Stores, other seal keys":     {withStores(func(c *advoware.Config) { c.SealKeys = []sealed.Key{other} }, func(c *advoware.Config) { c.SealKeys = []sealed.Key{key} }), []string{"SealKeys", "Shared"}},
		"Stores, fewer seal keys":     {withStores(func(c *advoware.Config) { c.SealKeys = []sealed.Key{key, other} }, func(c *advoware.Config) { c.SealKeys = []sealed.Key{key} }), []string{"SealKeys", "Shared"}},
		"Stores without seal keys":    {withStores(nothing, func(c *advoware.Config) { c.SealKeys = []sealed.Key{key} }), []string{"SealKeys", "Shared"}},
		"Stores, the same seal keys":  {withStores(func(c *advoware.Config) { c.SealKeys = []sealed.Key{again(t, "a")} }, func(c *advoware.Config) { c.SealKeys = []sealed.Key{key} }), nil},
		"Stores in memory, seal keys": {withStores(func(c *advoware.Config) { c.Store = advoware.StoreMemory }, func(c *advoware.Config) { c.SealKeys = []sealed.Key{key} }), []string{"SealKeys", "Shared"}},
		"Stores of another kind":      {withStores(nothing, func(c *advoware.Config) { c.Store = advoware.StoreMemory }), []string{"Store ", "Shared"}},
		"Stores of their kind":        {withStores(func(c *advoware.Config) { c.Store = advoware.StoreMemory }, nothing), nil},
		"Stores elsewhere":            {withStores(nothing, func(c *advoware.Config) { c.Redis.Host, c.Redis.Port = "127.0.0.2", 7 }), []string{"Redis.Host", "Redis.Port", "Shared"}},
		"Stores, another login":       {withStores(nothing, func(c *advoware.Config) { c.Redis.Username, c.Redis.Password = "x", secret.New("y") }), []string{"Redis.Username", "Redis.Password", "Shared"}},
		"Stores, another database":    {withStores(nothing, func(c *advoware.Config) { c.Redis.DB = new(7) }), []string{"Redis.DB", "Shared"}},
		"Stores, another URL":         {withStores(nothing, func(c *advoware.Config) { c.Redis.URL = secret.New("redis://localhost/2") }), []string{"Redis.URL", "Shared"}},
		"Stores, another time-out":    {withStores(nothing, func(c *advoware.Config) { c.Redis.Timeout = time.Hour }), []string{"Redis.Timeout", "Shared"}},
		"Stores, another client":      {withStores(nothing, func(c *advoware.Config) { c.Redis.Client = rdb }), []string{"Redis.Client", "Shared"}},
		"Stores, other hooks":         {withStores(func(c *advoware.Config) { c.RedisHooks.FarUp = func() { t.Log() } }, func(c *advoware.Config) { c.RedisHooks = hooks }), []string{"RedisHooks", "Shared"}},
		"Stores, other lifetimes": {withStores(func(c *advoware.Config) { c.TokenLifetime = time.Hour }, func(c *advoware.Config) {
			c.TokenLifetime, c.TokenMargins.Guard, c.TokenMargins.Margin = 2*time.Hour, time.Second, time.Minute
		}), []string{"TokenLifetime", "TokenMargins.Guard", "TokenMargins.Margin", "Shared"}},
		"Stores, default lifetimes": {withStores(func(c *advoware.Config) { c.TokenLifetime = time.Hour }, nothing), nil},
		"Stores, all the same": {withStores(same(rdb, hooks, key), func(c *advoware.Config) {
			same(rdb, hooks, key)(c)
			c.Logger, c.OneShot = slog.New(slog.DiscardHandler), true
		}), nil},

		"client, another host":     {given(func(r *advoware.RedisConfig) { r.Host, r.Port = "127.0.0.1", 8 }), []string{"Redis.Host", "Redis.Client"}},
		"client, another port":     {given(func(r *advoware.RedisConfig) { r.Port = 8 }), []string{"Redis.Port", "Redis.Client"}},
		"client, another database": {given(func(r *advoware.RedisConfig) { r.DB = new(4) }), []string{"Redis.DB", "Redis.Client"}},
		"client, another login":    {given(func(r *advoware.RedisConfig) { r.Username, r.Password = "x", secret.New("y") }), []string{"Redis.Username", "Redis.Password", "Redis.Client"}},
		"client without TLS":       {given(func(r *advoware.RedisConfig) { r.TLS = true }), []string{"Redis.TLS ", "Redis.Client"}},
		"client, TLSConfig":        {given(func(r *advoware.RedisConfig) { r.TLSConfig = new(tls.Config) }), []string{"Redis.TLSConfig", "Redis.Client"}},
		"client, files": {given(func(r *advoware.RedisConfig) {
			r.CAFile, r.CertFile, r.KeyFile, r.ServerName = "a", "b", "c", "d"
		}), []string{"Redis.CAFile", "Redis.CertFile", "Redis.KeyFile", "Redis.ServerName", "Redis.Client"}},
		"client, another URL":  {given(func(r *advoware.RedisConfig) { r.URL = secret.New("redis://u:p@127.0.0.1:8/3") }), []string{"Redis.URL", "Redis.Client"}},
		"client, URL with TLS": {given(func(r *advoware.RedisConfig) { r.URL = secret.New("rediss://u:p@127.0.0.1:7/3") }), []string{"Redis.URL", "Redis.Client"}},
		"client, the same URL": {given(func(r *advoware.RedisConfig) { r.URL = secret.New("redis://u:p@localhost:7/3") }), nil},
		"client, all the same": {given(func(r *advoware.RedisConfig) {
			r.Host, r.Port, r.DB, r.Username, r.Password, r.Timeout = "localhost", 7, new(3), "u", secret.New("p"), time.Second
		}), nil},
		"client of a Cluster":       {with(func(c *advoware.Config) { c.Redis.Client = cluster }), nil},
		"client of a Cluster, host": {with(func(c *advoware.Config) { c.Redis.Client, c.Redis.Port = cluster, 7 }), []string{"Redis.Port", "Redis.Client"}},
		"TLSConfig and files": {with(func(c *advoware.Config) { c.Redis.TLSConfig, c.Redis.ServerName = new(tls.Config), "x" }),
			[]string{"Redis.TLSConfig", "ServerName"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, filled := range []bool{false, true} {
				cfg := c.cfg
				if filled { // as FromEnv fills them in: a default says nothing
					fill(&cfg)
				}
				client, err := advoware.New(cfg)
				if err == nil {
					_ = client.Close()
				}
				if (err == nil) != (c.names == nil) {
					t.Errorf("filled %t: got %v, want %q", filled, err, c.names)
				}
				for _, n := range c.names {
					if err != nil && !strings.Contains(err.Error(), n) {
						t.Errorf("%v does not name %s", err, n)
					}
				}
			}
		})
	}
}

func again(t *testing.T, letter string) sealed.Key { _, key := sealKey(t, letter); return key }

func same(rdb *goredis.Client, hooks tiered.Hooks, key sealed.Key) func(*advoware.Config) {
	return func(c *advoware.Config) {
		c.Redis.Client, c.Redis.Timeout, c.RedisHooks, c.SealKeys = rdb, time.Second, hooks, []sealed.Key{key}
		c.TokenLifetime, c.TokenMargins.Guard, c.TokenMargins.Margin = time.Hour, time.Second, time.Minute
	}
}

// fill sets what is zero to its default.
func fill(c *advoware.Config) {
	d := defaults()
	def := func(p *time.Duration, v time.Duration) {
		if *p == 0 {
			*p = v
		}
	}
	def(&c.TokenLifetime, d.TokenLifetime)
	def(&c.TokenMargins.Guard, d.TokenMargins.Guard)
	def(&c.TokenMargins.Margin, d.TokenMargins.Margin)
	def(&c.Redis.Timeout, d.Redis.Timeout)
	if c.Redis.DB == nil {
		c.Redis.DB = d.Redis.DB
	}
	if c.Redis.Host == "" {
		c.Redis.Host = d.Redis.Host
	}
	if c.Redis.Port == 0 {
		c.Redis.Port = d.Redis.Port
	}
	if c.Store == "" {
		c.Store = d.Store
	}
}

// What looks like something and is nothing.
func TestNothingThatLooksLikeSomething(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	closed := advoware.UseStore(new(store.Map))
	_ = closed.Close()
	base := config(t, fake, nil)
	base.Store = advoware.StoreMemory
	opened, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	}
	for want, change := range map[string]func(*advoware.Config){
		"UseStore was given nil":  func(c *advoware.Config) { c.Shared = advoware.UseStore(nil) },
		"UseStore was given nil ": func(c *advoware.Config) { c.Shared = advoware.UseStore((*store.Map)(nil)) },
		"not made by OpenStores":  func(c *advoware.Config) { c.Shared = new(advoware.Stores) },
		"closed":                  func(c *advoware.Config) { c.Shared = closed },
		"closed ":                 func(c *advoware.Config) { c.Shared = opened },
		"Transport is a nil":      func(c *advoware.Config) { c.Transport = (*http.Transport)(nil) },
		"GatewayTransport is a":   func(c *advoware.Config) { c.GatewayTransport = (*http.Transport)(nil) },
		"CallLevel is a nil":      func(c *advoware.Config) { c.CallLevel = (*slog.LevelVar)(nil) },
		"Logger has no handler":   func(c *advoware.Config) { c.Logger = new(slog.Logger) },
		"Redis.Client is a nil":   func(c *advoware.Config) { c.Store, c.Redis.Client = advoware.StoreTiered, (*goredis.Client)(nil) },
		"SealKeys": func(c *advoware.Config) {
			c.Store, c.SealKeys, c.TokenKey = advoware.StoreTiered, []sealed.Key{{}}, "k"
		},
	} {
		cfg := base
		change(&cfg)
		c, err := advoware.New(cfg)
		if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%s: got %v, %v", want, c, err)
		}
	}
	for _, s := range []*advoware.Stores{nil, new(advoware.Stores), advoware.UseStore(nil)} {
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Errorf("Close of nothing: %v", err)
		}
	}
	if cfg, err := advoware.ReadEnv(nil, advoware.StoreMemory); err == nil && cfg.App == "" {
		t.Error("ReadEnv without a function reads nothing, and says nothing")
	}
}

// Stores that are closed before the clients that use them.
func TestStoresClosedUnderAClient(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	for _, kind := range []advoware.StoreKind{advoware.StoreMemory, advoware.StoreTiered, advoware.StoreRedis} {
		cfg := config(t, fake, nil)
		cfg.Store = kind
		stores, err := advoware.OpenStores(cfg)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Shared = stores
		c := open(t, cfg)
		_ = stores.Close()
		if _, err := c.Source().Token(t.Context(), 0); kind == advoware.StoreRedis && err == nil {
			t.Errorf("%s: a token from a closed store", kind)
		}
		if err := errors.Join(c.Close(), c.Close(), stores.Close()); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestRedisConfigProblemsNameTheFields(t *testing.T) {
	_, err := advoware.OpenStores(advoware.Config{Redis: advoware.RedisConfig{
		URL: secret.New("redis://redis.example/2"), Host: "h", DB: new(3), CAFile: "x", Timeout: -1, Port: -1,
	}})
	for _, want := range []string{"Redis.URL is neither", "Redis.AllowRemote", "Redis.Host says", "Redis.DB says", "Redis.CAFile is", "Redis.Timeout must", "Redis.Port is"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
