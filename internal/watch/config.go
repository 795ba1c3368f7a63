package watch

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// The defaults of Config.
const (
	DefaultTimeout = 5 * time.Second
	DefaultPoll    = 5 * time.Second
)

// Config says how a [Watch] works. Zero durations mean their defaults, negative
// ones are an error.
type Config struct {
	// Client says where Redis is. It is required, and stays open. The tracking
	// connection is another one, made with the client's dialer and credentials; what
	// was added to the client by AddHook is not asked for it. On a cluster there is one
	// connection to each master that has a name which is followed. A ring, and any
	// client that go-redis does not make, is polled. Polling goes through Client itself.
	Client goredis.UniversalClient

	// Timeout bounds the making of a connection, handshake included, and each poll.
	// A connection that is silent is given up after a second, whatever it is.
	// Default 5 seconds.
	Timeout time.Duration

	// Poll is the longest time between two looks at the values where the server does
	// not push; the shortest is half of it. Default 5 seconds.
	Poll time.Duration

	// Renew is called when a server that is followed turns out to be a replica, as the one
	// does that a name led to before a failover: connections of Client that were made
	// before should not be used any more. It must not block. nil means that nobody minds.
	Renew func()

	// Logger hears of connections made and lost (debug), once for each reason
	// that a server does not push (info) and of a function that panics (error). Default slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Poll == 0 {
		c.Poll = DefaultPoll
	}
	if c.Renew == nil {
		c.Renew = func() {}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func (c Config) check() error {
	var errs []error
	if c.Client == nil {
		errs = append(errs, errors.New("watch: Config.Client is missing"))
	}
	if c.Timeout < 0 {
		errs = append(errs, fmt.Errorf("watch: Config.Timeout is negative: %v", c.Timeout))
	}
	if c.Poll < 0 {
		errs = append(errs, fmt.Errorf("watch: Config.Poll is negative: %v", c.Poll))
	}
	return errors.Join(errs...)
}
