// Command memcached prints how many employees a Kanzlei has. Its token is shared with other
// processes by a Memcached, in a store of its own, with the near store of the library in front:
// a hit takes nanoseconds, and an outage of Memcached harms no call.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/store/tiered"
)

func main() {
	addr := flag.String("memcached", "127.0.0.1:11211", "the `address` of Memcached, host:port or the path of a socket")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "memcached:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string) (err error) {
	cfg, err := advoware.FromEnv()
	if err != nil {
		return err
	}
	far := NewMemcached(addr)
	defer func() { err = errors.Join(err, far.Close()) }()
	stores, err := advoware.UseTiers(nil, far, tiered.Config{FarName: "Memcached"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	cfg.Shared = stores
	cfg.OneShot = true // it ends before a token could be renewed
	c, err := advoware.New(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()

	employees, err := client.Get[[]struct{}](ctx, c, "/employees", nil)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%d employees, %d token requests\n", len(employees), c.Stats().TokenFetches)
	return err
}
