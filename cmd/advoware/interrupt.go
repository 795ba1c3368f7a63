package main

import (
	"context"
	"fmt"
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

// interrupted is a run that was ended before all calls had been made.
type interrupted struct {
	made, of int
	cut      int   // of those made: ended by the interrupt, without an answer
	failed   int   // of those made: had failed before
	first    error // of them
	last     error // of those that were cut
}

func (e *interrupted) Error() string {
	if e.of == 1 {
		return "interrupted" + outcome(e.last)
	}
	text := fmt.Sprintf("interrupted: %d of %d calls were made", e.made, e.of)
	if e.cut > 0 {
		text += fmt.Sprintf(", the last %d without an answer", e.cut)
	}
	if e.failed > 0 {
		text += fmt.Sprintf("; %d failed, the first with: %s", e.failed, describe(e.first))
	}
	return text
}

func (e *interrupted) Unwrap() error { return context.Canceled }
