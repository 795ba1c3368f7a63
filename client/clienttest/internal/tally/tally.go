// Package tally counts, and lets others wait until something was counted often enough.
package tally

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrEnded is the error of a Wait for what is not counted any more.
var ErrEnded = errors.New("no more will come")

// Tally is a count. The zero value is ready. It is safe for concurrent use.
type Tally struct {
	mu      sync.Mutex
	n       int
	ended   bool
	changed chan struct{} // closed at the next change; nil while nobody waits
}

// Add counts one.
func (t *Tally) Add() { t.change(func() { t.n++ }) }

// End says that nothing more is counted.
func (t *Tally) End() { t.change(func() { t.ended = true }) }

func (t *Tally) change(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
}

// Count returns how many were counted.
func (t *Tally) Count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n
}

// Wait waits until n were counted in all. Otherwise the error says how many were, and
// matches ErrEnded or what ended ctx.
func (t *Tally) Wait(ctx context.Context, n int) error {
	for {
		t.mu.Lock()
		count, ended := t.n, t.ended
		if t.changed == nil {
			t.changed = make(chan struct{})
		}
		changed := t.changed
		t.mu.Unlock()
		switch {
		case count >= n:
			return nil
		case ended:
			return fmt.Errorf("%d of %d: %w", count, n, ErrEnded)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d: %w", count, n, context.Cause(ctx))
		}
	}
}
