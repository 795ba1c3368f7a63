// Command calendar reads the appointments of every employee each 15 minutes, and prints
// what has changed. An employee whose appointments cannot be read keeps those of before:
// a failure is no deletion, and does not hold up the others.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
)

func main() {
	every := flag.Duration("every", 15*time.Minute, "the `time` from one round to the next; 0 makes one round")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, *every); err != nil {
		fmt.Fprintln(os.Stderr, "calendar:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, every time.Duration) (err error) {
	c, err := advoware.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return watch(ctx, c, every, os.Stdout)
}

// watch makes one round after the other until ctx ends. The first one prints nothing but
// what it counts.
func watch(ctx context.Context, c *client.Client, every time.Duration, out io.Writer) error {
	known := make(calendars)
	for {
		next := time.Now().Add(every)
		err := round(ctx, c, known, out)
		switch {
		case ctx.Err() != nil:
			return nil // a signal is how this program ends
		case every <= 0:
			return err
		case err != nil: // the office is switched off at night, and on again
			slog.ErrorContext(ctx, "round failed", "error", err, "next", next)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(next)):
		}
	}
}

// round reads all calendars once.
func round(ctx context.Context, c *client.Client, known calendars, out io.Writer) error {
	type employee struct{ Kuerzel string }
	employees, err := client.Get[[]employee](ctx, c, "/employees", nil)
	if err != nil {
		return err
	}
	var kuerzel []string
	for _, e := range employees {
		if e.Kuerzel != "" { // without one, everybody's appointments come
			kuerzel = append(kuerzel, e.Kuerzel)
		}
	}
	from := time.Now().UTC()
	w := window{from: from, to: from.AddDate(0, 0, 14)}
	changes, failed := 0, 0
	for answer := range readAll(ctx, c, kuerzel, w) {
		if answer.err != nil {
			failed++
			slog.WarnContext(ctx, "calendar not read", "kuerzel", answer.kuerzel, "error", answer.err)
			continue
		}
		for _, line := range known.update(answer.kuerzel, answer.list, w) {
			changes++
			fmt.Fprintln(out, line)
		}
	}
	// A line for each round, so that somebody notices when there is none.
	fmt.Fprintf(out, "%d of %d calendars read, %d changes\n", len(kuerzel)-failed, len(kuerzel), changes)
	if failed > 0 {
		return fmt.Errorf("%d of %d calendars could not be read", failed, len(kuerzel))
	}
	return nil
}

func query(kuerzel string, w window) url.Values {
	// The names are written exactly so: one that is misspelt is ignored, and everything comes.
	return url.Values{"kuerzel": {kuerzel}, "from": {w.from.Format(time.DateOnly)}, "to": {w.to.Format(time.DateOnly)}}
}
