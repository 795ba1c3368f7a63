package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// patience is how long after an interrupt the process ends in any case, also if a write to
// standard error blocks.
const patience = 900 * time.Millisecond

// finishing is set while what is under way is to be finished after an interrupt, however
// long it takes. A second signal ends it.
var finishing atomic.Bool

// interruptible returns a context that ends with the first interrupt (SIGINT, SIGTERM).
// The second one ends the process at once, as it does with programs that do not look.
func interruptible(exit func(status int)) context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop()
		time.AfterFunc(patience, func() {
			if !finishing.Load() {
				exit(statusFailed)
			}
		})
	})
	return ctx
}
