// Package sidecar is the command advoware proxy: its flags, what it listens on, its end.
//
// See ARCHITECTURE.md for the package in context.
package sidecar

import (
	"context"
	"log/slog"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/proxy"
)

// Flags are those of the command.
type Flags struct {
	Addr     *string       `placeholder:"ADDR" help:"Address to listen on: HOST:PORT, loopback only, or unix:PATH for a socket; default is the socket that systemd passed, or else 127.0.0.1:8064. Port 0 is a free one."`
	Admin    *string       `placeholder:"HOST:PORT" help:"Serve /livez, /readyz, /metrics, /debug/status and a page for a browser there. Who reaches it sees the names of the offices and how they are, and no secret."`
	Drain    time.Duration `default:"30s" placeholder:"TIME" help:"How long requests under way are waited for at the end; default 30s."`
	ReadOnly bool          `help:"Refuse everything but reading (GET, HEAD, OPTIONS), also if ADVOWARE_READ_ONLY does not."`

	Users
	Limits

	Watch Watch `kong:"-"`

	passed passed
}

// Begin takes over what systemd passed. It is called once, before anything else.
func (f *Flags) Begin() (err error) {
	if f.passed, err = f.fromSystemd(); err != nil {
		return failure.Usage{Err: err}
	}
	return nil
}

// Run serves offices until ctx ends. Print writes to standard output.
func (f *Flags) Run(ctx context.Context, offices []proxy.Office, logger *slog.Logger, print func([]byte) error) error {
	cfg, err := f.config(offices, logger)
	if err != nil {
		return failure.Usage{Err: err}
	}
	f.observe(cfg.Offices)
	p, err := proxy.New(cfg)
	if err != nil {
		return failure.Usage{Err: err}
	}
	listeners, err := f.listen()
	if err != nil {
		return failure.Usage{Err: err}
	}
	server := proxy.Server{Listeners: listeners, Drain: f.Drain}
	if err := f.complete(&server, logger); err != nil {
		return failure.Usage{Err: err}
	}
	admin, err := f.administer(&server, offices, logger)
	if err != nil {
		return failure.Usage{Err: err}
	}
	defer admin.close()
	defer notifySystemd(&server, logger)()
	if err := print(append(f.lines(listeners), admin.line()...)); err != nil && ctx.Err() == nil {
		return err
	}
	return proxy.Serve(ctx, p, server)
}

// Stats returns what each office's client counted, by the name of the office.
func Stats(offices []proxy.Office) map[string]client.Stats {
	all := make(map[string]client.Stats)
	for _, o := range offices {
		all[o.Name] = o.Client.Stats()
	}
	return all
}
