package tiered

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/advoware-go/advoware/internal/atomictoken"
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

// Config configures a [Store]. Close of the tiered store does not close the stores in it.
type Config struct {
	// Near answers without waiting, usually a store/memory. Far is shared by processes,
	// usually a store/redis. Both are required.
	Near, Far store.Store

	// NearSlot is the Slot of Tiers: the method Slot of a Near that is a store/memory, and nil
	// for one that wraps a store/memory and wants to know of each Get.
	NearSlot func(key string) *atomictoken.Slot

	// Lease is asked by Acquire, under the breaker of Far, because it is kept in the same
	// server. nil: no lease, and Acquire returns an error.
	Lease lease.Lease

	// Shared is what Far knows about the writes of other processes. It is used by Follow,
	// and when a token is written back. nil: an absent token counts as deleted, unless
	// changes may have been missed.
	Shared store.Shared

	// Many is Shared for many keys at once. It is used after changes may have been missed, when
	// all keys are looked at. nil: that is done for one after the other, a few at a time.
	Many store.Many

	// Watch reports changes of the tokens in Far to Follow. nil: changes are noticed when
	// near misses, or by Reread.
	Watch Watch

	// Margin is how long before its expiry the TTL of a token in Far ends, and Guard how
	// long before that Far stops to take it; 0 means 110 and 10 seconds, as in store/redis.
	// Only Follow uses them: a token that is absent from Far before that was deleted.
	Margins store.Margins

	// FarName is the name of Far in the log; empty means "Redis".
	FarName string

	// FarWait limits how long one call waits for Far in total; 0 means DefaultFarWait.
	FarWait time.Duration

	// FarTimeout limits each operation on Far, also after its call has returned, and how
	// long Close waits for operations; 0 means DefaultFarTimeout.
	FarTimeout time.Duration

	// BreakerTimeout is how long the circuit breaker stays open after a failure of Far; 0
	// means DefaultBreakerTimeout.
	BreakerTimeout time.Duration

	// Lazy is for a process whose CPU stands still between calls: no timers, and no operation
	// on Far that outlasts the wait of its call, so that FarTimeout is FarWait. A pending
	// write is flushed by the first hit, after BreakerTimeout, on the Near of Tiers, which
	// waits for that, FarWait at most. Set no Watch. Near should have no timers either.
	Lazy bool

	// Hooks are called when an outage of Far begins and ends.
	Hooks Hooks

	// Explain returns the reason of an error of Far, for the log and Hooks.FarDown, as a
	// timeout does not name one. It may wait until ctx ends, which takes two seconds at
	// most, and returns err if it knows no reason. nil: no reasons.
	Explain func(ctx context.Context, err error) error

	// Logger receives a warning when Far fails, once per outage, and a record at info level
	// when it works again; nil means slog.Default().
	Logger *slog.Logger
}

// Hooks are callbacks for events, as in httptrace. nil: no callback. They are called on a
// goroutine of their own, one after the other; only the next one waits for them.
type Hooks struct {
	// FarDown is called with the error of Far when it fails after it has worked.
	FarDown func(err error)
	// FarUp is called when Far works again.
	FarUp func()
}

func (c *Config) setDefaults() {
	c.FarWait = cmp.Or(c.FarWait, DefaultFarWait)
	c.FarTimeout = cmp.Or(c.FarTimeout, DefaultFarTimeout)
	if c.Lazy {
		c.FarTimeout = min(c.FarTimeout, c.FarWait)
	}
	c.BreakerTimeout = min(cmp.Or(c.BreakerTimeout, DefaultBreakerTimeout), math.MaxInt64/2) // a moment more would overflow
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
	p.Made("Many", c.Many)
	p.Made("Watch", c.Watch)
	p.If(c.Lazy && c.Watch != nil, "Watch has no effect with Lazy: set one of the two")
	p.If(min(c.FarWait, c.FarTimeout, c.BreakerTimeout, c.Margins.Margin, c.Margins.Guard) < 0,
		"FarWait, FarTimeout, BreakerTimeout, Margins.Margin and Margins.Guard must not be negative")
	return p.Err()
}
