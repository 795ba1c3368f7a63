// Package advoware is the door to the Advoware REST API: it reads the environment,
// wires the stores and returns a ready client.
//
//	c, err := advoware.Open()
//	…
//	defer c.Close()
//	employees, err := client.Get[[]Employee](ctx, c, "/employees", nil)
//
// Behind that stand a cache in this process, Redis shared with other processes (and
// with programs in other languages), one token request for all callers, its
// signature, and the HTTP client. Everything the door does can be done by hand from
// the packages client, client/token, client/gateway and store/….
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the way of
// one call and for what happens in each failure.
package advoware

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

// Open returns a client configured by the environment: FromEnv and New.
func Open() (*client.Client, error) {
	cfg, err := FromEnv()
	if err != nil {
		return nil, err
	}
	return New(cfg)
}

// New returns a client for cfg, or one error that names every problem. It does no
// I/O: a Redis that is not there is noticed by the first call, and costs it at most
// 250 ms. Close the client when it is no longer needed; a Redis client that was
// passed in stays open.
func New(cfg Config) (*client.Client, error) {
	cfg.setDefaults()
	def(&cfg.Logger, slog.Default())
	gw, err := gateway.New(cfg.gateway())
	if err := errors.Join(cfg.check(), err); err != nil {
		return nil, fmt.Errorf("advoware: %w", err)
	}
	stores, err := open(cfg)
	if err != nil {
		return nil, fmt.Errorf("advoware: %w", err)
	}
	source, err := token.New(token.Config{
		Store: stores.all, Near: stores.near, Reread: stores.reread, Key: cfg.TokenKey,
		Fetch: gw.Fetch, Classify: gateway.Classify, FetchTimeout: cfg.Timeout,
		Lifetime: cfg.TokenLifetime, OneShot: cfg.OneShot, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("advoware: %w", err), stores.close())
	}
	c, err := client.New(client.Config{
		BaseURL: cfg.BaseURL, AllowInsecure: cfg.AllowInsecure, Source: source, Base: cfg.Transport,
		Timeout: cfg.Timeout, UserAgent: userAgent, Logger: cfg.Logger,
		StoreErrors: stores.errors, OnClose: stores.close,
	})
	if err != nil {
		source.Close()
		return nil, errors.Join(fmt.Errorf("advoware: %w", err), stores.close())
	}
	return c, nil
}

const userAgent = "advoware-go"

func (c *Config) gateway() gateway.Config {
	return gateway.Config{
		URL: c.TokenURL, AllowInsecure: c.AllowInsecure,
		App: c.App, Kanzlei: c.Kanzlei, Database: c.Database, User: c.User, Password: c.Password, Key: c.Key,
		Product: c.Product, Role: c.Role,
		Lifetime: c.TokenLifetime, Timeout: c.Timeout, Base: c.Transport, UserAgent: userAgent, Logger: c.Logger,
	}
}

// stores are what a Config's Store stands for.
type stores struct {
	all    store.Store
	near   store.Store // nil if there is just one
	reread func(context.Context, string) (store.Token, error)
	errors func() uint64
	close  func() error
}

func open(cfg Config) (stores, error) {
	if cfg.Store == Memory {
		mem, err := memory.New(memory.Config{})
		return stores{all: mem, close: mem.Close}, err
	}
	far, disconnect, err := cfg.openRedis()
	if err != nil {
		return stores{}, err
	}
	if cfg.Store == Redis {
		return stores{all: far, errors: func() uint64 { return far.Stats().Errors }, close: disconnect}, nil
	}
	mem, err := memory.New(memory.Config{})
	if err != nil {
		return stores{}, errors.Join(err, disconnect())
	}
	both, err := tiered.New(tiered.Config{Near: mem, Far: far, FarTimeout: cfg.Redis.Timeout, Logger: cfg.Logger})
	if err != nil {
		return stores{}, errors.Join(err, mem.Close(), disconnect())
	}
	return stores{
		all: both, near: mem, reread: both.Reread,
		errors: func() uint64 { return both.Stats().FarErrors },
		close:  func() error { return errors.Join(both.Close(), mem.Close(), disconnect()) },
	}, nil
}

// openRedis returns the shared store, and what ends its connections.
func (c *Config) openRedis() (far *redisstore.Store, disconnect func() error, err error) {
	rdb, disconnect := c.Redis.Client, func() error { return nil }
	if rdb == nil {
		own := goredis.NewClient(c.Redis.options())
		rdb, disconnect = own, own.Close
	}
	identity := c.gateway().Identity()
	far, err = redisstore.New(redisstore.Config{
		Client: rdb, Lifetime: c.TokenLifetime, Timeout: c.Redis.Timeout, Logger: c.Logger,
		Identity: func(key string) string {
			if key == c.TokenKey {
				return identity
			}
			return ""
		},
	})
	if err != nil {
		return nil, nil, errors.Join(err, disconnect())
	}
	return far, disconnect, nil
}

func (r *RedisConfig) options() *goredis.Options {
	o := redisstore.Options(net.JoinHostPort(r.Host, strconv.Itoa(r.Port)))
	o.DB = *r.DB
	if !r.Password.IsZero() || r.Username != "" {
		// Not in the options, which people print.
		o.CredentialsProviderContext = func(context.Context) (string, string, error) {
			return r.Username, r.Password.Reveal(), nil
		}
	}
	if r.TLS {
		o.TLSConfig = &tls.Config{ServerName: r.Host, MinVersion: tls.VersionTLS12}
	}
	return o
}
