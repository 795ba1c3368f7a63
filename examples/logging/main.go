// Command logging shows what the library logs, and how a program makes it its own: levels,
// fields, a handler that adds what the context knows, and go-redis, which has a logger of
// its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

func main() {
	var level slog.LevelVar
	flag.TextVar(&level, "level", &level, "the lowest `level` that is written: debug, info, warn, error")
	calls := flag.Bool("calls", false, "write each call at level info, not debug")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	logger := newLogger(os.Stderr, &level)
	slog.SetDefault(logger)
	goredis.SetLogger(redisLog{logger}) // it writes to stderr otherwise
	if err := run(ctx, logger, *calls); err != nil {
		logger.Error("failed", "error", err) // no error has a secret in it
		os.Exit(1)
	}
}

// newLogger returns the logger of the program: JSON, with a field that all records have, and
// those of the context.
func newLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	json := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	return slog.New(withJob{json}).With("service", "example")
}

func run(ctx context.Context, logger *slog.Logger, calls bool) (err error) {
	cfg, err := advoware.FromEnv()
	if err != nil {
		return err
	}
	cfg.Logger = logger.With("kanzlei", cfg.Kanzlei) // of what this client does
	if calls {
		cfg.CallLevel = slog.LevelInfo
	}
	c, err := advoware.New(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()

	for _, endpoint := range []string{"/employees", "/appointments"} {
		ctx := context.WithValue(ctx, jobKey{}, "read "+endpoint) // it is in the records of the call too
		list, err := client.Get[[]struct{}](ctx, c, endpoint, nil)
		if err != nil {
			return err
		}
		logger.InfoContext(ctx, "read", "count", len(list))
	}
	return nil
}

// withJob is a handler that adds the job of the context to each record.
type withJob struct{ slog.Handler }

type jobKey struct{}

// Handle implements slog.Handler.
func (h withJob) Handle(ctx context.Context, r slog.Record) error {
	if job, ok := ctx.Value(jobKey{}).(string); ok {
		r = r.Clone() // a record may be handled by others too
		r.AddAttrs(slog.String("job", job))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup are those of the handler inside, which would be alone otherwise.
func (h withJob) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withJob{h.Handler.WithAttrs(attrs)}
}
func (h withJob) WithGroup(name string) slog.Handler { return withJob{h.Handler.WithGroup(name)} }

// redisLog takes what go-redis would write to stderr into the log.
type redisLog struct{ *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.DebugContext(ctx, "go-redis: "+fmt.Sprintf(format, v...))
}
