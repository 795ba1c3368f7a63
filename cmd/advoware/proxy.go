package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/advoware-go/advoware/cmd/advoware/internal/build"
	"github.com/advoware-go/advoware/cmd/advoware/internal/failure"
	"github.com/advoware-go/advoware/cmd/advoware/internal/interrupt"
	"github.com/advoware-go/advoware/cmd/advoware/internal/offices"
	"github.com/advoware-go/advoware/cmd/advoware/internal/sidecar"
	"github.com/advoware-go/advoware/proxy"
)

type proxyCmd struct {
	sidecar.Flags
	Offices *string `complete:"file" placeholder:"FILE" help:"Serve several Kanzleien, by path or by host, which this file lists in JSON; default is the one of the environment."`

	connectFlags
}

// Run serves until it is interrupted.
func (c *proxyCmd) Run(ctx context.Context, std *stdio) error {
	if err := c.Begin(); err != nil {
		return err
	}
	served, end, err := c.open(ctx, std)
	if err != nil {
		return err
	}
	defer end()
	if c.Stats {
		defer func() { std.stats = sidecar.Stats(served) }()
	}
	defer interrupt.Finish()() // a second signal ends the drain
	return c.Flags.Run(ctx, served, c.logger, func(text []byte) error { return std.print(ctx, text) })
}

// open returns the offices, and what ends them.
func (c *proxyCmd) open(ctx context.Context, std *stdio) (served []proxy.Office, end func(), err error) {
	c.readOnly = c.ReadOnly
	c.Watch = sidecar.Watch{Version: build.Read(version).Version}
	if c.Offices == nil {
		const name = "default"
		c.hooks = c.Hooks(name)
		one, end, err := c.connect(ctx, std, false)
		return []proxy.Office{{Name: name, Client: one}}, end, err
	}
	if c.Sandbox {
		return nil, nil, failure.Usage{Err: errors.New("--sandbox serves one made-up Kanzlei, and --offices those of a file: use one of the two")}
	}
	served, close, err := offices.Open(ctx, offices.Options{File: *c.Offices, Getenv: os.Getenv, Store: c.storeKind(), ReadOnly: c.ReadOnly, Logger: c.start(std), Hooks: c.Hooks})
	if err != nil {
		return nil, nil, failure.Usage{Err: fmt.Errorf("--offices %s: %w", *c.Offices, err)}
	}
	return served, func() { _ = within(ctx, close) }, nil
}
