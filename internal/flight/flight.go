// Package flight lets any number of callers share one run of a function, without
// any of them being able to harm the others.
//
// It is what singleflight leaves to its users: the run has a context of its own with
// its own deadline, so that a caller who leaves takes nobody along; a caller leaves
// when its own context ends; a panic or Goexit in the function reaches everybody as an
// error and kills nothing. All who wait are woken by the closing of one channel.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the
// parts work together.
package flight

import (
	"context"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// Group is a place where callers with the same key meet. Life bounds every run:
// when it ends, so do they. It must be set; Timeout must be positive.
type Group[T any] struct {
	Life    context.Context
	Timeout time.Duration // the longest run

	mu   sync.Mutex // never held while anything is waited for
	runs map[string]*run[T]
}

// run is one run of a function. What it brought is read once done is closed.
type run[T any] struct {
	done chan struct{}
	v    T
	err  error
}

// Do returns the result of the run for key that is under way, or of a new one of
// fn. Led tells whether it was a new one. fn's context has the values of the
// context of whoever led, but neither its deadline nor its cancellation. When ctx
// ends first, Do returns its error and the run goes on.
func (g *Group[T]) Do(ctx context.Context, key string, fn func(context.Context) (T, error)) (v T, led bool, err error) {
	if err := ctx.Err(); err != nil {
		return v, false, err
	}
	g.mu.Lock()
	r := g.runs[key]
	if led = r == nil; led {
		r = &run[T]{done: make(chan struct{})}
		if g.runs == nil {
			g.runs = make(map[string]*run[T])
		}
		g.runs[key] = r
	}
	g.mu.Unlock()
	if led {
		go g.lead(context.WithoutCancel(ctx), key, r, fn)
	}
	select {
	case <-r.done:
		return r.v, led, r.err
	case <-ctx.Done():
		return v, false, ctx.Err()
	}
}

// lead runs fn for everybody.
func (g *Group[T]) lead(ctx context.Context, key string, r *run[T], fn func(context.Context) (T, error)) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(g.Life, func() { cancel(context.Cause(g.Life)) })()
	if g.Life.Err() != nil {
		cancel(context.Cause(g.Life)) // now: AfterFunc does it a moment later, when fn runs
	}
	ctx, stop := context.WithTimeout(ctx, g.Timeout)
	defer stop()
	// On a goroutine of its own, so that fn may hang, panic or end its goroutine.
	r.v, r.err = bounded.Do(ctx, fn)
	g.mu.Lock()
	delete(g.runs, key) // whoever comes from here on runs anew
	g.mu.Unlock()
	close(r.done)
}
