package redis

import (
	"cmp"
	"log/slog"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/conf"
	"github.com/advoware-go/advoware/internal/isnil"
	"github.com/advoware-go/advoware/store"
)

// The defaults of Config.
const (
	DefaultTimeout = 5 * time.Second
)

// Config says how a [Store] works. Zero durations mean their defaults, negative
// ones are an error. All processes that share keys should have the same Lifetime and
// Margins.
type Config struct {
	// Client is the connection to Redis. It is required, and stays open: whoever
	// made it closes it. [Options] has settings that suit it. With a cluster or a
	// ring, keys must not contain braces.
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

	// ClientHonoursDeadlines says that Client ends each command when its context does, as one made from
	// [Options] does, and that no hook of it keeps a command for later. Then everything
	// runs on the goroutine of the caller, who need not be protected from waiting longer,
	// and Get uses its commands again, which halves its cost.
	ClientHonoursDeadlines bool

	// Identity names whom the token under a key is for, so that two that share a
	// key by mistake are told (store.ErrIdentity) instead of getting each other's
	// token. Only a hash of the name is stored. It must be quick and safe for
	// concurrent use. If it is nil or returns "", that is not checked.
	Identity func(key string) string

	// Logger hears about hurtful options of Client (warn) and a timestamp that
	// could not be written (debug). Default slog.Default().
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

// sharedLife is the TTL of a token that lasts its full lifetime and took no time
// to fetch.
func (c Config) sharedLife() time.Duration { return c.Margins.SharedLife(c.Lifetime) }
