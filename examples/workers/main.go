// Command workers looks into every case of a Kanzlei, a few at a time, and prints how many
// entries the history of each has. A case that fails is said and passed over; what would
// fail for all of them ends the work.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
)

func main() {
	workers := flag.Int("workers", 8, "how many calls are made at a `time`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, max(*workers, 1)); err != nil {
		fmt.Fprintln(os.Stderr, "workers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, workers int) (err error) {
	c, err := advoware.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()

	// The list is read before the work begins: an answer that is taken as slowly as the work
	// goes on keeps a connection busy for hours, and is cut sooner or later. Of each element
	// only the number is kept, so that a million of them are 8 MB.
	var ids []int
	type entry struct{ ID int }
	for e, err := range client.Each[entry](ctx, c, client.Request{Endpoint: "/api/v1/Akten"}) {
		if err != nil {
			return err
		}
		ids = append(ids, e.ID)
	}
	return work(ctx, c, ids, workers)
}

func work(ctx context.Context, c *client.Client, ids []int, workers int) error {
	var (
		mu           sync.Mutex
		done, failed int
	)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, id := range ids {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { // waits while all workers are busy
			history, err := client.Get[[]struct{}](ctx, c, fmt.Sprintf("/api/v1/advonet/Akten/%d/History", id), nil)
			if endsAll(ctx, err) {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed++
				slog.WarnContext(ctx, "case failed", "id", id, "error", err)
				return nil
			}
			done++
			_, err = fmt.Printf("%d\t%d\n", id, len(history))
			return err // nobody reads it: there is no point in going on
		})
	}
	err := group.Wait()
	if err == nil && failed > 0 {
		err = errors.New("some cases failed")
	}
	if err != nil {
		return fmt.Errorf("%d of %d cases done, %d failed: %w", done, len(ids), failed, err)
	}
	return nil
}

// endsAll reports whether an error is not about one case: the program is to end, or there is
// no token, without which each other call would fail too.
func endsAll(ctx context.Context, err error) bool {
	_, noToken := errors.AsType[*token.FetchError](err)
	return err != nil && (ctx.Err() != nil || noToken)
}
