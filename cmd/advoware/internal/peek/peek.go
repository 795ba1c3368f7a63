// Package peek looks at what Redis has of a token, and changes nothing: it requests no token,
// takes no lease, and writes no key.
package peek

import (
	"context"
	"log/slog"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/store"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/redis/dial"
	"github.com/advoware-go/advoware/store/sealed"
)

// Look is a Redis that is looked into. Make it with [Open], and close it.
type Look struct {
	cfg   advoware.Config
	conn  *dial.Connection
	store store.Store
}

// Open returns a Look into the Redis that cfg names, with its defaults filled in as by
// advoware.ReadEnv. It sends nothing.
func Open(cfg advoware.Config, logger *slog.Logger) (*Look, error) {
	conn, err := dial.Open(cfg.Redis, dial.Options{Logger: logger})
	if err != nil {
		return nil, err
	}
	l := &Look{cfg: cfg, conn: conn}
	identity, err := identityOf(cfg)
	if err != nil {
		l.Close()
		return nil, err
	}
	whose := func(string) string { return identity }
	l.store, err = redisstore.New(redisstore.Config{
		Client: conn.Client(), ClientHonoursDeadlines: cfg.Redis.Client == nil,
		Lifetime: cfg.TokenLifetime, Margins: cfg.TokenMargins, Timeout: cfg.Redis.Timeout, Identity: whose, Logger: logger,
	})
	if err == nil && len(cfg.SealKeys) > 0 {
		l.store, err = sealed.New(sealed.Config{Store: l.store, Keys: cfg.SealKeys, Identity: whose})
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Close closes the connections to Redis.
func (l *Look) Close() { _ = l.conn.Close() }

// Token returns the token that a call would use now. An error that matches
// store.ErrNotFound says that there is none, one that matches store.ErrIdentity that it is
// for somebody else; any other means that Redis could not be asked.
func (l *Look) Token(ctx context.Context) (store.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Redis.Timeout)
	defer cancel()
	tok, err := l.store.Get(ctx, l.cfg.TokenKey)
	if err != nil {
		err = l.conn.Explain(ctx, err)
	}
	return tok, err
}

func (l *Look) client() goredis.UniversalClient { return l.conn.Client() }

// identityOf returns the name of the identity whose tokens cfg is for, as a client has it.
func identityOf(cfg advoware.Config) (string, error) {
	gc := gateway.Config{
		URL: cfg.TokenURL, AllowInsecure: cfg.AllowInsecure,
		App: cfg.App, Kanzlei: cfg.Kanzlei, Database: cfg.Database, User: cfg.User, Role: cfg.Role, Product: cfg.Product,
	}
	auto := same(cfg.BaseURL, client.DefaultBaseURL) && same(cfg.TokenURL, gateway.DefaultURL)
	if cfg.Discovery == advoware.DiscoveryOn || cfg.Discovery == advoware.DiscoveryAuto && auto {
		finder, err := discovery.New(discovery.Config{
			URL: cfg.DiscoveryURL, AllowInsecure: cfg.AllowInsecure, Kanzlei: cfg.Kanzlei, BaseURL: cfg.BaseURL, TokenURL: cfg.TokenURL,
		})
		if err != nil {
			return "", err
		}
		defer finder.Close()
		gc.Discovery = finder
	}
	return gc.Identity(), nil
}

// same reports whether two URLs lead to the same place.
func same(one, other string) bool {
	a, err := origin.Parse(one, true)
	if err != nil {
		return false
	}
	b, err := origin.Parse(other, true)
	return err == nil && origin.Same(a, b) && strings.TrimRight(a.Path, "/") == strings.TrimRight(b.Path, "/")
}
