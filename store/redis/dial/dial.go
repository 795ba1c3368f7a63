// Package dial connects to Redis: one server, a unix socket, a replicated server behind
// Sentinel or a Cluster, with TLS or without, all by one [Config].
//
//	conn, err := dial.Open(dial.Config{URL: secret.New("rediss://redis.example/1")}, dial.Options{})
//	…
//	defer conn.Close()
//	far, err := redisstore.New(redisstore.Config{Client: conn.Client()})
//
// Its connections are for servers that may be distant, hang, or be no Redis servers at all.
// The addresses of a name are dialled in parallel. A dial goes on when the command that
// began it has ended. When a connection was found dead, the others are not trusted either.
// A server that is neither on this machine nor reached by TLS is refused when it is dialled,
// whatever its name. Replies are bounded. Certificates are read again for each connection.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the parts
// work together.
package dial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redisconn"
)

// Options are for [Open]; the zero value is fine.
type Options struct {
	// Logger receives a warning when a certificate file cannot be used any more; nil means
	// slog.Default().
	Logger *slog.Logger

	// Name returns the name of a field of Config for messages; nil means "Config." and its
	// name.
	Name func(field string) string

	// Lazy is for a process whose CPU stands still between calls: each command has a
	// connection of its own, and no dial outlasts the command that it is for. It does not
	// change Config.Client.
	Lazy bool

	// Patience is how long a command may wait for a dial, a connection, and each read and write,
	// in place of what Config.URL says of these; 0 means no such change. It is for programs
	// that measure a slow server; a call of the library gives up earlier. Negative counts as 0.
	// It does not change Config.Client.
	Patience time.Duration
}

// Connection is a Redis that a [Config] leads to. Make one with [Open].
type Connection struct {
	client  goredis.UniversalClient
	dialer  *redisconn.Dialer // nil for a client of the caller's
	timeout time.Duration

	life   context.Context // of the goroutine of Connect
	end    context.CancelFunc
	behind sync.WaitGroup

	mu      sync.Mutex
	begun   bool // Connect was called
	closing bool
	closed  func() error // closes everything, once
}

// Open returns a Connection, or one error that names everything that is wrong with cfg. It
// reads the files of certificates and sends nothing. The first command connects, or
// [Connection.Connect] does.
func Open(cfg Config, o Options) (*Connection, error) {
	cfg = cfg.WithDefaults()
	name := named(o.Name)
	if problems := cfg.Problems(name); len(problems) > 0 {
		return nil, fmt.Errorf("store/redis/dial: %w", joined(problems, name))
	}
	if cfg.Client != nil {
		return &Connection{client: cfg.Client, closed: func() error { return nil }}, nil
	}
	target, found := cfg.target()
	if len(found) > 0 { // a file was removed since the check
		return nil, fmt.Errorf("store/redis/dial: %w", joined(found.named(name), name))
	}
	if target.files != nil {
		logger := cmp.Or(o.Logger, slog.Default())
		target.files.Name, target.files.Warn = name, func(problem error) {
			logger.Warn("Redis: a certificate file cannot be used, going on with what it was", "error", problem)
		}
	}
	c := &Connection{client: target.client(cfg.Timeout, o), dialer: target.dialer, timeout: cfg.Timeout}
	c.life, c.end = context.WithCancel(context.Background())
	c.closed = sync.OnceValue(func() error {
		c.end()
		err := c.client.Close()
		c.behind.Wait()
		return errors.Join(err, c.dialer.Close())
	})
	return c, nil
}

// Client returns the go-redis client. Its commands end when their contexts do. It is
// Config.Client if that was set. Its options hold no password.
func (c *Connection) Client() goredis.UniversalClient { return c.client }

// Renew makes the client use no connection again that was made before, after a failover for
// example. It does nothing to Config.Client.
func (c *Connection) Renew() {
	if c.dialer != nil {
		c.dialer.Renew()
	}
}

// Explain returns err, the error of a command, with its reason. If err is a timeout and a dial
// is under way, Explain waits for the end of the dial, or of ctx. It returns err if it knows
// no reason, as for Config.Client.
func (c *Connection) Explain(ctx context.Context, err error) error {
	if c.dialer == nil {
		return err
	}
	return c.dialer.Explain(ctx, err)
}

// Close closes the client, unless it is Config.Client, and cancels the dials that are under
// way. It may be called more than once.
func (c *Connection) Close() error {
	c.mu.Lock() // Connect starts nothing after that
	c.closing = true
	c.mu.Unlock()
	return c.closed()
}
