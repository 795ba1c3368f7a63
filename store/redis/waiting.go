package redis

import (
	"context"
	"time"
)

// Watch tells when the value under a Redis key may have changed, as tiered.Watch does.
type Watch interface {
	// Follow calls changed after each change of the value, until stop is called. gap:
	// changes may have been missed before.
	Follow(name string, changed func(gap bool)) (stop func())
	// Link is 0 while the server does not push what is followed.
	Link() uint64
}

// How often a process that waits for another's token asks how things stand: when the
// server tells of changes, only in case that it did not.
const (
	waitPoll   = 25 * time.Millisecond
	waitPushed = time.Second
)

// waiting is one wait for a change of a token or its lease.
type waiting struct {
	watch Watch
	woken chan struct{}
	lease time.Duration // how long the holder's lasts, from the answer on
	stops []func()
}

// listen begins to take note of changes.
func (l *Lease) listen(key string) *waiting {
	w := &waiting{watch: l.cfg.Watch, woken: make(chan struct{}, 1)}
	if w.watch == nil {
		return w
	}
	wake := func(bool) {
		select {
		case w.woken <- struct{}{}:
		default:
		}
	}
	for _, name := range []string{key, lockKey(key)} {
		w.stops = append(w.stops, w.watch.Follow(name, wake))
	}
	return w
}

// wait waits for a change since listen, and stops listening.
func (w *waiting) wait(ctx context.Context) error {
	defer w.stop()
	poll := waitPoll
	if w.watch != nil && w.watch.Link() != 0 {
		poll = max(waitPoll, min(waitPushed, w.lease+time.Millisecond))
	}
	again := time.NewTimer(poll)
	defer again.Stop()
	select {
	case <-w.woken:
		return ctx.Err()
	case <-again.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *waiting) stop() {
	for _, stop := range w.stops {
		stop()
	}
}
