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

// Config configures a [Watch]. A zero duration means its default, a negative one is an error.
type Config struct {
	// Client is for the server to follow. It is required, and stays open. The tracking
	// connection is another one, made with the client's dialer and credentials, without
	// the hooks of the client. On a cluster there is one connection to each master that
	// has a followed name. A ring, and any client that go-redis does not make, is
	// polled. Polling goes through Client itself.
	Client goredis.UniversalClient

	// Timeout bounds the making of a connection, handshake included, and each poll.
	// A connection that does not answer a ping is closed after a second in any case.
	// Default 5 seconds.
	Timeout time.Duration

	// Poll is the longest time between two polls of a server that does not push; the
	// shortest is half of it. Default 5 seconds.
	Poll time.Duration

	// Renew is called when a followed server turns out to be a replica, as after a
	// failover: connections of Client that were made before should not be used any
	// more. It must not block. nil: no callback.
	Renew func()

	// Logger receives records about connections made and lost (debug), each reason why a
	// server does not push, once (info), and callbacks that panic (error). Default
	// slog.Default().
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
