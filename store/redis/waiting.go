package redis

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/rediskey"
)

// Watch reports that the value under a Redis key may have changed, as tiered.Watch does.
type Watch interface {
	// Follow calls changed after each change of the value, until stop is called. gap means
	// that earlier changes may have been missed.
	Follow(name string, changed func(gap bool)) (stop func())
	// Link returns 0 while the server does not push changes.
	Link() uint64
}

// How often a process that waits for the token of another one polls: seldom if the server
// pushes changes, in case that a push is lost.
const waitPoll, waitPushed = 25 * time.Millisecond, time.Second

// waiting is one wait for a change of a token or its lease.
type waiting struct {
	watch Watch
	woken chan struct{}
	lease time.Duration // how long the holder's lasts, from the reply on
	stops []func()
}

// listen begins to follow the token and its lease.
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
	for _, name := range []string{key, rediskey.Lock(key)} {
		w.stops = append(w.stops, w.watch.Follow(name, wake))
	}
	return w
}

// wait waits for a change since listen, and ends the following.
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
