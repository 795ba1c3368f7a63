package office

import (
	"context"
	"sync"
)

// later is a value that one group finds out and others wait for. Make it with newLater.
type later[T any] struct {
	once  sync.Once
	done  chan struct{}
	value T
}

func newLater[T any]() *later[T] { return &later[T]{done: make(chan struct{})} }

// set sets the value, once.
func (l *later[T]) set(v T) {
	l.once.Do(func() {
		l.value = v
		close(l.done)
	})
}

// get waits for the value, and reports false if ctx ends first.
func (l *later[T]) get(ctx context.Context) (v T, ok bool) {
	select {
	case <-l.done:
		return l.value, true
	case <-ctx.Done():
		return v, false
	}
}
