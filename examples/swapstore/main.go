// Command swapstore prints the employees of a Kanzlei. Its work is done by a function that
// takes a Config, so that its tests can give it another store, and none of them needs a Redis.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	cfg, err := advoware.FromEnv()
	if err == nil {
		cfg.OneShot = true // it ends before a token could be renewed
		err = run(ctx, cfg, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "swapstore:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cfg advoware.Config, out io.Writer) (err error) {
	c, err := advoware.New(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()

	type employee struct{ Vorname, Nachname string }
	for e, err := range client.Each[employee](ctx, c, client.Request{Endpoint: "/employees"}) {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, e.Vorname, e.Nachname); err != nil {
			return err
		}
	}
	return nil
}
