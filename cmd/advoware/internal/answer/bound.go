package answer

import (
	"context"
	"io"
	"sync"
	"time"
)

// bound is a context with a timeout that can be paused.
type bound struct {
	context.Context
	deadline time.Time
	done     chan struct{}
	unwatch  func() bool // the parent

	mu    sync.Mutex
	err   error
	timer *time.Timer
	left  time.Duration
	since time.Time // the timer runs; zero while it does not
}

// newBound returns a context that ends after a time; 0 means with ctx only.
func newBound(ctx context.Context, timeout time.Duration) *bound {
	b := &bound{Context: ctx, done: make(chan struct{}), left: timeout}
	b.mu.Lock() // it may end at once
	defer b.mu.Unlock()
	if timeout > 0 {
		b.deadline = time.Now().Add(timeout)
		b.timer = time.AfterFunc(timeout, func() { b.end(context.DeadlineExceeded) })
		b.since = time.Now()
	}
	b.unwatch = context.AfterFunc(ctx, func() { b.end(ctx.Err()) })
	return b
}

// Deadline returns the end as it was at the beginning.
func (b *bound) Deadline() (time.Time, bool) {
	if b.deadline.IsZero() {
		return b.Context.Deadline()
	}
	return b.deadline, true
}

// Done is closed when the context ends.
func (b *bound) Done() <-chan struct{} { return b.done }

// Err says why the context has ended, nil if it has not.
func (b *bound) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

func (b *bound) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return
	}
	b.err = err
	close(b.done)
	if b.timer != nil {
		b.timer.Stop()
	}
	if b.unwatch != nil {
		b.unwatch()
	}
}

// pause stops the clock, resume lets it go on.
func (b *bound) pause() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer == nil || !b.timer.Stop() {
		return
	}
	b.left -= time.Since(b.since)
}

func (b *bound) resume() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer == nil || b.err != nil {
		return
	}
	b.since = time.Now()
	b.timer.Reset(max(b.left, 0))
}

// paused is a Writer for whose work no time is counted.
type paused struct {
	io.Writer
	*bound
}

func (p paused) Write(text []byte) (int, error) {
	p.pause()
	defer p.resume()
	return p.Writer.Write(text)
}
