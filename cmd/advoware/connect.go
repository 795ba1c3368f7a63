package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/cmd/advoware/internal/explain"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/logging"
)

// connectFlags are the flags of every command that uses the API.
type connectFlags struct {
	Store     *advoware.StoreKind `enum:"tiered,memory,redis" placeholder:"KIND" help:"Where tokens are kept: tiered (default), memory (default with --sandbox) or redis."`
	Sandbox   bool                `help:"Use a fake Advoware in this process: no ADVOWARE_ variable is read, and no REDIS_ one unless --store asks for Redis."`
	LogLevel  string              `enum:"debug,info,warn,error" default:"warn" placeholder:"LEVEL" help:"Log to stderr from this level on: debug, info, warn (default; without errors, which the command ends with anyway) or error."`
	LogFormat string              `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Format of the log: text (default) or json."`
	Stats     bool                `help:"Print statistics as JSON to stderr at the end."`
	Verbose   bool                `short:"v" help:"Explain on stderr what happens: where the Kanzlei is reached, where the token is from, which requests are made, how long each takes."`

	timeout  time.Duration // of a call, as configured
	readOnly bool
	hooks    token.Hooks
	story    *explain.Explainer // nil without Verbose
	log      io.Writer          // instead of standard error, if it is set
	logger   *slog.Logger
}

// connect returns a client, and what ends it and all that was started for it. That waits
// for writes to Redis, but after an interrupt no longer than a moment.
func (f *connectFlags) connect(ctx context.Context, std *stdio, oneShot bool) (c *client.Client, end func(), err error) {
	cfg, stop, err := f.configure(std)
	if err != nil {
		return nil, nil, err
	}
	cfg.OneShot = oneShot
	c, err = advoware.New(cfg)
	if err != nil {
		stop()
		return nil, nil, failure.Usage{Err: err}
	}
	return c, func() { _ = within(ctx, func() error { defer stop(); return c.Close() }) }, nil
}

// configure returns what the environment and the flags ask for, and what ends all that was
// started for it.
func (f *connectFlags) configure(std *stdio) (cfg advoware.Config, stop func(), err error) {
	logger := f.start(std)
	fake, err := f.startSandbox()
	if err != nil {
		return cfg, nil, err
	}
	stop = func() {}
	if fake != nil {
		stop = fake.Close
	}
	cfg, err = advoware.ReadEnv(f.environment(fake), f.storeKind())
	if err != nil {
		stop()
		return cfg, nil, err
	}
	cfg.Logger, cfg.ReadOnly, cfg.Hooks = logger, cfg.ReadOnly || f.readOnly, f.hooks
	f.timeout = cfg.Timeout
	if fake != nil {
		cfg.Transport = fake.Transport()
	}
	f.begin(cfg)
	return cfg, stop, nil
}

// start returns the log.
func (f *connectFlags) start(std *stdio) *slog.Logger {
	if f.log == nil {
		f.log = std.err
	}
	logger := logging.New(f.log, f.LogLevel, f.LogFormat)
	if f.Verbose {
		f.story = explain.New(f.log)
		logger = slog.New(f.story.Handler(logger.Handler()))
	}
	goredis.SetLogger(logging.Redis{Logger: logger}) // it would write lines of its own to stderr
	f.logger = logger
	return logger
}

// begin explains what is configured.
func (f *connectFlags) begin(cfg advoware.Config) {
	if f.story == nil {
		return
	}
	f.story.NearIsRedis = cfg.Store == advoware.StoreRedis
	kept := "in this process"
	if cfg.Store != advoware.StoreMemory {
		at := "that REDIS_URL names"
		if cfg.Redis.URL.Reveal() == "" {
			at = fmt.Sprintf("at %s:%d", cfg.Redis.Host, cfg.Redis.Port)
		}
		kept = "in Redis " + at + " as " + cfg.TokenKey
	}
	f.story.Sayf("Kanzlei %s, user %s; tokens are kept %s", cfg.Kanzlei, cfg.User, kept)
}

func (f *connectFlags) storeKind() advoware.StoreKind {
	switch {
	case f.Store != nil:
		return *f.Store
	case f.Sandbox:
		return advoware.StoreMemory
	}
	return advoware.StoreTiered
}

// startSandbox returns a fake Advoware, nil if none is asked for. It is in memory,
// so that its address is the same each time: tokens of the last one in a Redis are
// then refused with a 401 and replaced. Those of another address would belong to another
// identity and block the key.
func (f *connectFlags) startSandbox() (*clienttest.Server, error) {
	if !f.Sandbox {
		return nil, nil
	}
	fake, err := clienttest.New(clienttest.Options{InMemory: true, Addr: "localhost:80"})
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return fake, nil
}

// environment returns where variables are read from: the process's environment, or
// that of the fake. With a fake too the REDIS_ variables say which Redis is meant;
// they are asked for only if the store was chosen explicitly, and not memory.
func (f *connectFlags) environment(fake *clienttest.Server) (getenv func(string) string) {
	if fake == nil {
		return os.Getenv
	}
	return func(name string) string {
		if strings.HasPrefix(name, "REDIS_") {
			return os.Getenv(name)
		}
		return fake.Getenv(name)
	}
}
