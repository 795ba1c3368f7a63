package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// The defaults of Config.
const (
	DefaultLifetime     = 55 * time.Minute
	DefaultGuard        = 10 * time.Second
	DefaultMargin       = 110 * time.Second
	DefaultFetchTimeout = 30 * time.Second
	DefaultFarWait      = 250 * time.Millisecond
)

// Config says where the tokens of one identity are kept and where they come from.
type Config struct {
	// Store keeps the token under Key. Both are required.
	Store store.Store
	Key   string

	// Near is asked first, in the caller's way, so it should answer without waiting
	// for anything; only when it misses is Store asked, once for all callers. For a
	// tiered store this is its near tier. Nil means Store itself.
	Near store.Store

	// Reread reads the token that other processes see, also if the near one has
	// another: before a token is fetched, somebody else may have done so. For a tiered
	// store this is its Reread; nil means Store.Get.
	Reread func(ctx context.Context, key string) (store.Token, error)

	// Fetch requests a new token; required. Its context ends shortly before FetchTimeout
	// or at Close, not when some caller leaves.
	Fetch func(context.Context) (store.Token, error)

	// Errors says what errors of Fetch mean; gateway.Errors does of those of the gateway.
	// Nil means that every failure is an outage.
	Errors Errors

	// FetchTimeout bounds one Fetch; 0 means DefaultFetchTimeout. The context of Fetch ends
	// a tenth of it earlier, 3 s at most, so that a call with the same bound is told what
	// Fetch met.
	FetchTimeout time.Duration

	// FarWait is how long one call waits for a far store in total; 0 means
	// DefaultFarWait. Stores that have no far tier do not look at it.
	FarWait time.Duration

	// Far says that Store is a far store, without a near tier in front of it: each look
	// into it counts for FarWait.
	Far bool

	// Lifetime and Guard are as configured for the gateway, Margin is how long
	// before its expiry other processes no longer see a token: the renewal is
	// planned by them. 0 means the defaults.
	Lifetime, Guard, Margin time.Duration

	// OneShot switches the renewal ahead off, for a process that makes a call and
	// ends.
	OneShot bool

	// Lease is asked before each fetch, so that one process of many makes it, and
	// credentials that were refused are left alone by all; nil means that each process
	// fetches for itself. For a tiered store this is the store itself, which keeps its
	// near tier up to date.
	Lease lease.Lease

	// Credentials names what Fetch sends, password included, without showing it: a
	// refusal is shared with those that send the same. The Lease is told of it, and keeps
	// at most a hash. Empty means that no failure is shared with other processes.
	Credentials string

	// Fetcher is shared with other Sources, so that all of them that have the same Key and
	// Credentials make one token request; nil means one that no other Source has. Those that
	// share it must share Store too.
	Fetcher *Fetcher

	// Follow is called when the token comes into use: from then on, until stop is
	// called, the near store should keep up with what others do to the token, and tell
	// moved when that made it hold another one. stop is called when the token lapses
	// and at Close. Nil means that the near store does not have to keep up.
	Follow func(key string, moved func(store.Token)) (stop func())

	// Hooks tell of events; the zero value tells nobody.
	Hooks Hooks

	// Logger hears of fetched tokens at info level, of failures at error level and
	// of a store that does not take a token at warn level; nil means slog.Default().
	Logger *slog.Logger
}

func (c *Config) setDefaults() {
	for _, d := range []struct {
		p *time.Duration
		v time.Duration
	}{
		{&c.FetchTimeout, DefaultFetchTimeout}, {&c.FarWait, DefaultFarWait},
		{&c.Lifetime, DefaultLifetime}, {&c.Guard, DefaultGuard}, {&c.Margin, DefaultMargin},
	} {
		if *d.p == 0 {
			*d.p = d.v
		}
	}
	if c.Near == nil {
		c.Near = c.Store
	}
	if c.Reread == nil && c.Store != nil {
		c.Reread = c.Store.Get
	}
	if c.Errors == nil {
		c.Errors = outages{}
	}
	if c.Fetcher == nil {
		c.Fetcher = NewFetcher()
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
}

// check reports every problem in one error.
func (c *Config) check() error {
	var problems []error
	for _, f := range []struct {
		name    string
		missing bool
	}{{"Store", c.Store == nil}, {"Key", c.Key == ""}, {"Fetch", c.Fetch == nil}} {
		if f.missing {
			problems = append(problems, fmt.Errorf("token: %s is required", f.name))
		}
	}
	for _, f := range []struct {
		name  string
		value time.Duration
	}{
		{"FetchTimeout", c.FetchTimeout}, {"FarWait", c.FarWait},
		{"Lifetime", c.Lifetime}, {"Guard", c.Guard}, {"Margin", c.Margin},
	} {
		if f.value < 0 {
			problems = append(problems, fmt.Errorf("token: %s must not be negative", f.name))
		}
	}
	return errors.Join(problems...)
}
