package redis

import (
	"cmp"
	"log/slog"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/isnil"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/redis/internal/record"
)

// DefaultTimeout is the default of Config.Timeout.
const DefaultTimeout = 5 * time.Second

// Config configures a [Store]. A zero duration means its default, a negative one is an
// error. All processes that share keys should have the same Lifetime,
// Guard and Margin.
type Config struct {
	// Client is the connection to Redis. It is required. The Store does not close it.
	// [Options] has settings that suit it. With a cluster or a ring, keys must not
	// contain braces.
	Client goredis.UniversalClient

	// Lifetime is the longest that a token lives, from the moment it is asked for.
	// Nothing read from Redis is believed to last longer. Default
	// store.DefaultLifetime. With less than Margin and twice Guard no token is ever
	// written.
	Lifetime time.Duration

	// Margins are how long before its end a token is given up. Guard is also the
	// shortest TTL that is still worth a write. A token that another program wrote is
	// believed to last for Margin longer than its TTL.
	Margins store.Margins

	// Timeout bounds each operation from outside, also if the client ignores
	// deadlines. Default 5 seconds.
	Timeout time.Duration

	// ClientHonoursDeadlines is set for a client that ends each command when its context
	// ends, as one made from [Options] does, and that has no hook which keeps a command
	// for later. Then commands run on the goroutine of the caller, and Get reuses them,
	// which halves its cost.
	ClientHonoursDeadlines bool

	// Identity returns a name for the identity that the token under a key is for. Two
	// identities that share a key by mistake get store.ErrIdentity instead of each
	// other's token. Only a hash of the name is stored. It must be quick and safe for
	// concurrent use. nil or a result of "": no check.
	Identity func(key string) string

	// Logger receives a warning about options of Client that make calls hang, and debug
	// records about timestamps that could not be written. Default slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	c.Lifetime = cmp.Or(c.Lifetime, store.DefaultLifetime)
	c.Margins = c.Margins.WithDefaults()
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	c.Logger = cmp.Or(c.Logger, slog.Default())
	return c
}

func (c Config) check() error {
	p := conf.New("store/redis: ")
	p.If(c.Client == nil, "Config.Client is missing")
	p.If(isnil.Pointer(c.Client), "Config.Client is a nil pointer: set a client that was made")
	p.If(c.Lifetime < 0, "Config.Lifetime is negative: %v", c.Lifetime)
	p.If(c.Margins.Guard < 0, "Config.Margins.Guard is negative: %v", c.Margins.Guard)
	p.If(c.Margins.Margin < 0, "Config.Margins.Margin is negative: %v", c.Margins.Margin)
	p.If(c.Timeout < 0, "Config.Timeout is negative: %v", c.Timeout)
	return p.Err()
}

// sharedLife is the TTL of a token with the full lifetime, whose fetch took no time.
func (c Config) sharedLife() time.Duration { return c.Margins.SharedLife(c.Lifetime) }

func (c Config) life() record.Life { return record.Life{Longest: c.Lifetime, Margins: c.Margins} }
