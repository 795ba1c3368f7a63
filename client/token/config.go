package token

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// The defaults of Config.
const (
	DefaultFetchTimeout = 30 * time.Second
	DefaultFarWait      = farwait.Default // 250 ms
)

// Config says where the tokens of one identity are kept and where they come from.
type Config struct {
	// Store keeps the token under Key. Both are required.
	Store store.Store
	Key   string

	// Tiers are what Store offers beyond a Store: the near tier, the far one, the lease
	// and changes by other processes. Those of a tiered store are what its Tiers returns.
	// The zero value means that Store has one tier and no lease.
	Tiers lease.Tiers

	// Fetch requests a new token; required. Its context ends shortly before FetchTimeout
	// or at Close, not when some caller leaves.
	Fetch func(context.Context) (store.Token, error)

	// Errors classifies the errors of Fetch; gateway.Errors those of the gateway. Nil means
	// that every failure is an outage.
	Errors Errors

	// FetchTimeout bounds one Fetch; 0 means DefaultFetchTimeout. The context of Fetch ends
	// a tenth of it earlier, 3 s at most, so that a call with the same bound gets the error
	// of Fetch.
	FetchTimeout time.Duration

	// FarWait is how long one call waits for a far store in total; 0 means
	// DefaultFarWait. Stores that have no far tier do not look at it.
	FarWait time.Duration

	// Far says that Store is a far store, without a near tier in front of it: each look
	// into it counts for FarWait.
	Far bool

	// Lifetime is as configured for the gateway; 0 means store.DefaultLifetime. Margins
	// are how long before its end a token is no longer used. The renewal is planned by them.
	Lifetime time.Duration
	Margins  store.Margins

	// OneShot switches the renewal ahead off, for a process that makes a call and
	// ends.
	OneShot bool

	// Lazy is for a process whose CPU stands still between calls. Between them there is no
	// timer and no goroutine, and changes in the store are not followed: the call that finds
	// the token due renews it, and waits for that as long as a token request usually takes
	// twice, or half of its own time, while others go on with the old token. Only a token
	// request whose callers have all left goes on without one, for FetchTimeout at most. The
	// near store should have no timers either, as a store.Map has none.
	Lazy bool

	// Credentials names what Fetch sends, password included, without showing it: a
	// refusal is shared with the processes that send the same. Tiers.Lease gets it, and
	// keeps at most a hash. Empty means that no failure is shared with other processes.
	Credentials string

	// Fetcher is shared with other Sources, so that all of them that have the same Key and
	// Credentials make one token request; nil means one that no other Source has. Those that
	// share it must share Store too.
	Fetcher *Fetcher

	// Hooks are called on events; the zero value has no callback.
	Hooks Hooks

	// Logger gets a record for each fetched token at info level, for each failure at error
	// level, and for a token that could not be stored at warn level; nil means
	// slog.Default().
	Logger *slog.Logger
}

func (c *Config) setDefaults() {
	c.FetchTimeout = min(cmp.Or(c.FetchTimeout, DefaultFetchTimeout), 1<<61) // 73 years: of more twice would overflow
	c.FarWait = cmp.Or(c.FarWait, DefaultFarWait)
	c.Lifetime = cmp.Or(c.Lifetime, store.DefaultLifetime)
	c.Margins = c.Margins.WithDefaults()
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.Tiers.Near = cmp.Or(c.Tiers.Near, c.Store)
	if c.Tiers.Reread == nil {
		c.Tiers.Reread = c.Store.Get
	}
	c.Errors = cmp.Or[Errors](c.Errors, tokenerr.Outages{})
}

// check reports every problem in one error.
func (c *Config) check() error {
	p := conf.New("token: ")
	p.Required("Store", c.Store == nil)
	p.Required("Key", c.Key == "")
	p.Required("Fetch", c.Fetch == nil)
	p.Made("Store", c.Store)
	p.Made("Tiers.Near", c.Tiers.Near)
	p.Made("Tiers.Lease", c.Tiers.Lease)
	p.Made("Errors", c.Errors)
	p.NotNegative("FetchTimeout", c.FetchTimeout)
	p.NotNegative("FarWait", c.FarWait)
	p.NotNegative("Lifetime", c.Lifetime)
	p.NotNegative("Margins.Guard", c.Margins.Guard)
	p.NotNegative("Margins.Margin", c.Margins.Margin)
	return p.Err()
}
