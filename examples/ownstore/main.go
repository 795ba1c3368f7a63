// Command ownstore prints how many employees a Kanzlei has. Its token is kept in a folder,
// by a store of its own, so that a job which runs every minute makes one token request an
// hour on a machine that has no Redis.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

func main() {
	cache, _ := os.UserCacheDir() // without one it is where the program was started
	dir := flag.String("dir", filepath.Join(cache, "advoware-tokens"), "the `folder` for tokens, of one user only")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "ownstore:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string) (err error) {
	cfg, err := advoware.FromEnv()
	if err != nil {
		return err
	}
	folder, err := NewFolder(dir)
	if err != nil {
		return err
	}
	cfg.Shared = advoware.UseStore(folder)
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
