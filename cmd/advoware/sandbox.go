package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/cmd/advoware/internal/control"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
)

type sandboxCmd struct {
	Addr         string         `default:"127.0.0.1:0" placeholder:"HOST:PORT" help:"Address to listen on, loopback only; default 127.0.0.1:0, where port 0 is a free one."`
	TokenLatency *time.Duration `placeholder:"TIME" help:"How long a token request takes; default 0s, with --realistic ${token_latency}."`
	Latency      *time.Duration `placeholder:"TIME" help:"How long an API call takes; default 0s, with --realistic ${latency}."`
	Lifetime     time.Duration  `default:"55m" placeholder:"TIME" help:"How long a token lives; default 55m."`
	Realistic    bool           `help:"Answer as slowly as the real service does."`
	Discovery    bool           `help:"Print ADVOWARE_DISCOVERY_URL in place of the two addresses, for programs that ask for them."`
	Strict       bool           `help:"Take only UUIDs as nonces and only timestamps that end in Z, as the vendor's documents show them."`
	Seed         uint64         `placeholder:"N" help:"Decides tokens and sample data; default 0, with which tokens are random."`
	Start        time.Time      `placeholder:"TIME" help:"What the clock of the fake reads at the beginning, such as 2026-02-10T08:00:00Z; default is the time it is. Then timestamps of any time are taken."`
	Rows         int            `default:"40" placeholder:"N" help:"How many rows each large collection of the API has, 1 to 1000000; default 40."`
	Control      *string        `placeholder:"HOST:PORT" help:"Serve all that the fake can do over HTTP there, and a page for a browser, loopback only; prints ADVOWARE_SANDBOX_CONTROL."`
	LogRequests  bool           `help:"Print a line for each request to stderr: time, method, path, status, how long it took."`
}

// The latencies of the real service.
const (
	realTokenLatency = 1500 * time.Millisecond
	realLatency      = 200 * time.Millisecond
)

// latencies are what the flags say.
func (c *sandboxCmd) latencies() (token, api time.Duration) {
	if c.Realistic {
		token, api = realTokenLatency, realLatency
	}
	if c.TokenLatency != nil {
		token = *c.TokenLatency
	}
	if c.Latency != nil {
		api = *c.Latency
	}
	return token, api
}

// Run serves until the context ends.
func (c *sandboxCmd) Run(ctx context.Context, std *stdio) error {
	token, api := c.latencies()
	if token < 0 || api < 0 || c.Lifetime <= 0 {
		return failure.Usage{Err: errors.New("--token-latency and --latency must not be negative, --lifetime must be positive")}
	}
	if c.Rows < 1 || c.Rows > 1_000_000 {
		return failure.Usage{Err: errors.New("--rows must be 1 to 1000000")}
	}
	if y := c.Start.Year(); !c.Start.IsZero() && (y < 1990 || y > 2199) {
		return failure.Usage{Err: errors.New("--start must be from 1990 to 2199")}
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return failure.Usage{Err: fmt.Errorf("--addr %q is not of the form HOST:PORT, such as 127.0.0.1:8080", c.Addr)}
	}
	if err := c.checkControl(); err != nil {
		return failure.Usage{Err: err}
	}
	opts := clienttest.Options{Addr: c.Addr, TokenLatency: token, Latency: api, Lifetime: c.Lifetime, Strict: c.Strict, Seed: c.Seed, Start: c.Start, Rows: c.Rows}
	if c.LogRequests {
		opts.Log = std.err
	}
	fake, err := clienttest.New(opts)
	if err != nil {
		return failure.Usage{Err: fmt.Errorf("--addr %s: %s", c.Addr, strings.TrimPrefix(failure.Plain(err), "Addr "+strconv.Quote(c.Addr)+" "))}
	}
	defer func() { _ = within(ctx, func() error { fake.Close(); return nil }) }()
	env := fake.Env()
	if c.Discovery {
		env = fake.DiscoveryEnv()
	}
	if c.Control != nil {
		served, err := control.Start(fake, *c.Control)
		if err != nil {
			return failure.Usage{Err: fmt.Errorf("--control %s: %s", *c.Control, failure.Plain(err))}
		}
		defer func() { _ = within(ctx, func() error { served.Close(); return nil }) }()
		env = append(env, "ADVOWARE_SANDBOX_CONTROL="+served.URL())
	}
	more := ""
	if c.Control != nil {
		more = ", and open ADVOWARE_SANDBOX_CONTROL in a browser"
	}
	var lines []byte
	for _, line := range env {
		lines = append(lines, line...)
		lines = append(lines, '\n')
	}
	if err := std.print(ctx, lines); err != nil && ctx.Err() == nil {
		return err
	}
	if ctx.Err() == nil {
		fmt.Fprintf(std.err, "advoware: a fake Advoware with sample data (/employees, /api/v1/Akten, /appointments, /api/v1/Echo) at %s until interrupted (Ctrl-C or SIGTERM); set the variables printed above to use it%s\n", fake.BaseURL(), more)
	}
	<-ctx.Done()
	return nil
}

// checkControl reports what is wrong with --control before anything is listened on.
func (c *sandboxCmd) checkControl() error {
	if c.Control == nil {
		return nil
	}
	if err := control.CheckAddr(*c.Control); err != nil {
		return fmt.Errorf("--control %q %w", *c.Control, err)
	}
	if _, port, _ := net.SplitHostPort(*c.Control); *c.Control == c.Addr && port != "0" {
		return fmt.Errorf("--control %s is the address of --addr: it needs one of its own", *c.Control)
	}
	return nil
}
