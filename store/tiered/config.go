package tiered

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// The defaults of Config.
const (
	DefaultFarWait        = farwait.Default // 250 ms
	DefaultFarTimeout     = 5 * time.Second
	DefaultBreakerTimeout = 5 * time.Second
)

// Config says what is put in front of what. The stores stay open when the tiered
// store is closed.
type Config struct {
	// Near answers without waiting, usually a store/memory; Far is shared with
	// others, usually a store/redis. Both are required.
	Near, Far store.Store

	// Lease is asked by Acquire, under the same breaker as Far, beside which it is kept.
	// Nil means that there is none, and Acquire returns an error.
	Lease lease.Lease

	// Shared is what Far knows of others who write to it, asked by Follow and for what is
	// written back. Nil means that it knows nothing: what Far does not have any more was
	// deleted, unless changes may have been missed.
	Shared store.Shared

	// Watch lets Follow notice what others do to the tokens in Far. Nil means that it
	// is not noticed before near misses, or somebody asks for it.
	Watch Watch

	// Margins are those of Far: a token disappears from it by itself Margin before its
	// expiry, and Guard before that it is not taken any more. Only Follow looks at them: a
	// token that Far does not have any more before that was deleted.
	Margins store.Margins

	// FarName is what far is called in the log; empty means "Redis".
	FarName string

	// FarWait is the longest that one call waits for far in total; 0 means
	// DefaultFarWait.
	FarWait time.Duration

	// FarTimeout bounds work on far that no call waits for, and how long Close waits
	// for such work; 0 means DefaultFarTimeout.
	FarTimeout time.Duration

	// BreakerTimeout is how long far is left alone after a failure; 0 means DefaultBreakerTimeout.
	BreakerTimeout time.Duration

	// Hooks tell of outages; the zero value tells nobody.
	Hooks Hooks

	// Explain returns what an error of Far is due to, for the log and Hooks.FarDown: a
	// timeout says little. It may wait as long as ctx lasts, which is two seconds at most,
	// and returns what it is given if it knows nothing better. nil explains nothing.
	Explain func(ctx context.Context, err error) error

	// Logger hears at warn level that far has failed, once per outage, and at info
	// level that it is back; nil means slog.Default().
	Logger *slog.Logger
}

// Hooks tell of events, as httptrace does. Each may be nil. They are called on a
// goroutine of their own, one after the other: nothing but the next one waits for them.
type Hooks struct {
	// FarDown is called when far has failed after it worked, with what it said.
	FarDown func(err error)
	// FarUp is called when far works again.
	FarUp func()
}

func (c *Config) setDefaults() {
	c.FarWait = cmp.Or(c.FarWait, DefaultFarWait)
	c.FarTimeout = cmp.Or(c.FarTimeout, DefaultFarTimeout)
	c.BreakerTimeout = cmp.Or(c.BreakerTimeout, DefaultBreakerTimeout)
	c.Margins = c.Margins.WithDefaults()
	c.FarName = cmp.Or(c.FarName, "Redis")
	c.Logger = cmp.Or(c.Logger, slog.Default())
}

func (c *Config) check() error {
	p := conf.New("store/tiered: ")
	p.If(c.Near == nil || c.Far == nil, "Near and Far are required")
	p.Made("Near", c.Near)
	p.Made("Far", c.Far)
	p.Made("Lease", c.Lease)
	p.Made("Shared", c.Shared)
	p.Made("Watch", c.Watch)
	p.If(min(c.FarWait, c.FarTimeout, c.BreakerTimeout, c.Margins.Margin, c.Margins.Guard) < 0,
		"FarWait, FarTimeout, BreakerTimeout, Margins.Margin and Margins.Guard must not be negative")
	return p.Err()
}
