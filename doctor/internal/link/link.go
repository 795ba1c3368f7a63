// Package link leads the doctor to the Redis of a configuration: connections and exchanges
// that end within a second, whatever the server does, and what an error of one means.
//
// A Link is safe for concurrent use. See ARCHITECTURE.md for how the parts work together.
package link

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/envvar"
	"github.com/advoware-go/advoware/internal/redissaid"
	"github.com/advoware-go/advoware/store/redis/dial"
)

const (
	// Patience bounds each exchange. A call of the library waits a quarter of it, so that
	// what is slow is distinguished from what is dead.
	Patience = time.Second
	// reaching bounds the first answer: the connection needs up to four round trips.
	reaching = 2500 * time.Millisecond
	again    = 50 * time.Millisecond // between attempts to use a connection whose dial takes long
	closing  = time.Second           // for which Close waits
)

// Config configures a [Link].
type Config struct {
	// Redis is how it is reached.
	Redis dial.Config

	// Name is what the author of the configuration calls a field of Redis; nil means its
	// variable.
	Name func(field string) string
}

// Link leads to a Redis. Make it with [Open].
type Link struct {
	cfg    Config // with its defaults filled in
	conn   *dial.Connection
	client goredis.UniversalClient

	reached chan struct{} // closed when it is known whether there is an answer
	err     error         // why there is none
	took    time.Duration
}

// Open begins to connect, and does not wait for it. There is always a Link: one for a
// configuration that cannot be used reaches nothing. Close it.
func Open(ctx context.Context, cfg Config) *Link {
	cfg.Redis = cfg.Redis.WithDefaults()
	if cfg.Name == nil {
		cfg.Name = variable
	}
	l := &Link{cfg: cfg, reached: make(chan struct{})}
	conn, err := dial.Open(cfg.Redis, dial.Options{Name: cfg.Name, Logger: slog.New(slog.DiscardHandler), Patience: Patience})
	if err != nil {
		l.err = &configError{err}
		close(l.reached)
		return l
	}
	l.conn, l.client = conn, conn.Client()
	go func() {
		defer close(l.reached)
		began := time.Now()
		l.err = l.reach(ctx)
		l.took = time.Since(began)
	}()
	return l
}

// variable returns the variable for a field, or the field itself if there is none.
func variable(field string) string { return cmp.Or(envvar.Redis(field), "Config."+field) }

// Close ends the connections, but for those of a client of the caller's.
func (l *Link) Close() {
	if l.conn != nil {
		bounded.Patiently(closing, func() { _ = l.conn.Close() })
	}
}

// Redis returns how Redis is reached, with the defaults filled in.
func (l *Link) Redis() dial.Config { return l.cfg.Redis }

// Client returns the client, nil if the configuration cannot be used.
func (l *Link) Client() goredis.UniversalClient { return l.client }

// Reached waits until it is known whether Redis answers, and returns how long its first
// answer took, connection included, or why there is none.
func (l *Link) Reached(ctx context.Context) (time.Duration, error) {
	select {
	case <-l.reached:
		return l.took, l.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// reach sends PING until something answers it.
func (l *Link) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reaching)
	defer cancel()
	for {
		_, err := within(ctx, reaching, l, l.client, func(ctx context.Context, client goredis.UniversalClient) (string, error) {
			return client.Ping(ctx).Result()
		})
		if timeout := net.Error(nil); isPermitted(err, "ping") || ctx.Err() == nil && !(errors.As(err, &timeout) && timeout.Timeout()) {
			return beyond(err, "ping")
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			explaining, cancel := context.WithTimeout(context.WithoutCancel(ctx), again) // it knows by now
			defer cancel()
			return l.conn.Explain(explaining, err)
		}
	}
}

// Node returns the server that has a key: in a Cluster the master of its slot, else the client.
func (l *Link) Node(ctx context.Context, key string) (goredis.UniversalClient, error) {
	all, ok := l.client.(*goredis.ClusterClient)
	if !ok {
		return l.client, l.unusable()
	}
	return Do(ctx, l, func(ctx context.Context, _ goredis.UniversalClient) (goredis.UniversalClient, error) {
		node, err := all.MasterForKey(ctx, key)
		if err != nil {
			return nil, err
		}
		return node, nil
	})
}

// Cluster reports whether there are many masters.
func (l *Link) Cluster() bool { _, ok := l.client.(*goredis.ClusterClient); return ok }

// DB returns the database, if the client says which one it is.
func (l *Link) DB() (n int, known bool) {
	switch c := l.client.(type) {
	case *goredis.Client:
		return c.Options().DB, true
	case *goredis.ClusterClient:
		return 0, true
	}
	return 0, false
}

func (l *Link) unusable() error {
	if l.client == nil {
		return l.err
	}
	return nil
}

// Do runs one exchange with the client, as [Ask] does.
func Do[T any](ctx context.Context, l *Link, do func(context.Context, goredis.UniversalClient) (T, error)) (T, error) {
	return Ask(ctx, l, l.client, do)
}

// Ask runs one exchange for Patience at most, on a goroutine of its own: a client of the caller's
// may not look at its context. Errors have no passwords, and no arguments that a server repeats.
func Ask[T any](ctx context.Context, l *Link, client goredis.UniversalClient, do func(context.Context, goredis.UniversalClient) (T, error)) (T, error) {
	return within(ctx, Patience, l, client, do)
}

func within[T any](ctx context.Context, bound time.Duration, l *Link, client goredis.UniversalClient, do func(context.Context, goredis.UniversalClient) (T, error)) (v T, err error) {
	if err := l.unusable(); err != nil {
		return v, err
	}
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	v, err = bounded.Do(ctx, func(ctx context.Context) (T, error) { return do(ctx, client) })
	return v, l.Clean(err)
}

// Clean returns the error of a command of a pipeline in the form in which Do returns one.
func (l *Link) Clean(err error) error {
	if err == nil || errors.Is(err, goredis.Nil) {
		return err
	}
	return redissaid.Scrub(redissaid.HideLogin(err, l.client))
}

// Denied reports whether a server does not let this user, or any, use something.
func Denied(err error) bool {
	reply := goredis.Error(nil)
	return errors.As(err, &reply) && (NoPermission(err) || isUnknown(err))
}

// NoPermission reports whether it is the user who may not. EXEC says so in words of its own.
func NoPermission(err error) bool {
	return goredis.HasErrorPrefix(err, "NOPERM") || goredis.HasErrorPrefix(err, "EXECABORT") && strings.Contains(err.Error(), "NOPERM ")
}

// TooLong reports whether a reply was longer than anything that programs keep there, and was
// not read.
func TooLong(err error) bool {
	long := interface{ TooLong() bool }(nil)
	return errors.As(err, &long) && long.TooLong()
}
