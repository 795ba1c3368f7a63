// Package interrupt ends a process that is interrupted (SIGINT, SIGTERM, SIGHUP).
package interrupt

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

// failed is the exit status of a process that does not end by a signal.
const failed = 1

// finishing is set while what is under way is to be finished after an interrupt, however
// long it takes. A second signal ends it.
var finishing atomic.Bool

// Finish lets what is under way come to its end after an interrupt, until the returned
// function is called.
func Finish() (end func()) {
	finishing.Store(true)
	return func() { finishing.Store(false) }
}

// Context returns a context that ends with the first interrupt. It is called once.
// The second one ends the process at once, as it does with programs that do not look. Before
// the process ends so, leaving is called.
func Context(leaving func()) context.Context {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, append(hangups(), os.Interrupt, syscall.SIGTERM)...)
	ctx, interrupt := context.WithCancel(context.Background())
	go func() {
		<-signals
		interrupt()
		time.AfterFunc(patience, func() {
			if !finishing.Load() {
				leaving()
				os.Exit(failed)
			}
		})
		again := <-signals
		leaving()
		die(again)
	}()
	return ctx
}

// die ends the process by the signal, so that its parent sees by which.
func die(s os.Signal) {
	signal.Reset(s)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(s) == nil {
		time.Sleep(patience) // the signal is on its way, and never comes if the parent had it ignored
	}
	os.Exit(failed) // Windows sends none
}
