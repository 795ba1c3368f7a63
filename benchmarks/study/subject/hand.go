package subject

import (
	"context"
	"errors"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

// byHand wires a client as the door does, but for the life of its tokens: the door
// leaves guard and margin at their defaults, which are longer than a study. It has no
// lease, as there is only one process where lives are short.
func byHand(door advoware.Config, life Life, t tiers) (*client.Client, error) {
	gw, err := gateway.New(gateway.Config{
		URL: door.TokenURL, App: door.App, Kanzlei: door.Kanzlei, Database: door.Database,
		User: door.User, Password: door.Password, Key: door.Key, Product: door.Product, Role: door.Role,
		Lifetime: life.Lifetime, Guard: life.Guard, Timeout: door.Timeout, Logger: door.Logger,
	})
	if err != nil {
		return nil, err
	}
	source, err := token.New(token.Config{
		Store: t.all, Near: t.near, Reread: t.reread, Key: door.TokenKey,
		Fetch: gw.Fetch, Classify: gateway.Classify, FetchTimeout: door.Timeout,
		Lifetime: life.Lifetime, Guard: life.Guard, Margin: life.Margin,
		Hooks: door.Hooks, Logger: door.Logger,
	})
	if err != nil {
		return nil, err
	}
	c, err := client.New(client.Config{BaseURL: door.BaseURL, Source: source, Timeout: door.Timeout, Logger: door.Logger})
	if err != nil {
		source.Close()
	}
	return c, err
}

// tiers are stores as token.Config wants them.
type tiers struct {
	all, near store.Store
	reread    func(context.Context, string) (store.Token, error)
	closers   []func() error
}

// close closes what was opened, the last first.
func (t *tiers) close() error {
	var errs []error
	for i := len(t.closers) - 1; i >= 0; i-- {
		errs = append(errs, t.closers[i]())
	}
	return errors.Join(errs...)
}

// openTiers opens the stores of the door for tokens with short lives. Also after an
// error they must be closed.
func openTiers(kind advoware.StoreKind, site Site) (t tiers, err error) {
	if kind != advoware.Redis {
		near, err := memory.New(memory.Config{})
		if err != nil {
			return t, err
		}
		t.all, t.closers = near, append(t.closers, near.Close)
	}
	if kind == advoware.Memory {
		return t, nil
	}
	rdb := goredis.NewClient(redisstore.Options(site.Redis))
	t.closers = append(t.closers, rdb.Close)
	far, err := redisstore.New(redisstore.Config{
		Client: rdb, Lifetime: site.Life.Lifetime, Guard: site.Life.Guard, Margin: site.Life.Margin, Logger: site.Logger,
	})
	if err != nil {
		return t, err
	}
	if kind == advoware.Redis {
		t.all = far
		return t, nil
	}
	both, err := tiered.New(tiered.Config{Near: t.all, Far: far, Logger: site.Logger})
	if err != nil {
		return t, err
	}
	t.near, t.all, t.reread = t.all, both, both.Reread
	t.closers = append(t.closers, both.Close)
	return t, nil
}
