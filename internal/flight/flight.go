// Package flight lets any number of callers share one run of a function, without
// any of them being able to harm the others.
//
// It is what singleflight leaves to its users: the run has a context of its own with
// its own deadline, so that a caller who leaves takes nobody along; a caller leaves
// when its own context ends; a panic or Goexit in the function reaches everybody as an
// error and kills nothing. To join takes one atomic load, and all who wait are woken
// by the closing of one channel: there may be ten thousand of them.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the
// parts work together.
package flight

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// Group is a place where callers meet: D is what one of them asks for, T what all of
// them get. The fields must be set, Timeout to more than zero.
type Group[D, T any] struct {
	// Fly is what is run, with what the first caller asks for. Its context has the
	// values of that caller's context, but neither its deadline nor its cancellation.
	Fly func(context.Context, D) (T, error)
	// Life bounds every run: when it ends, so do they.
	Life context.Context
	// Timeout is the longest run.
	Timeout time.Duration

	current atomic.Pointer[Run[T]] // nil while there is none
}

// Run is one run of Fly.
type Run[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// Result returns what the run has brought.
func (r *Run[T]) Result() (T, error) { return r.value, r.err }

// Do joins the run that is under way, or begins one for d, and waits for its end. Led
// tells whether it began one. It returns nil if ctx ends first, which the run does not
// mind; nothing begins for a ctx that has ended.
//
// Little stays on the stack while it waits: a new goroutine has so little of it that
// ten thousand who wait would be moved to larger ones otherwise.
func (g *Group[D, T]) Do(ctx context.Context, d D) (r *Run[T], led bool) {
	if ctx.Err() != nil {
		return nil, false
	}
	r, led = g.join(ctx, d)
	select {
	case <-r.done:
		return r, led
	case <-ctx.Done():
		return nil, false
	}
}

// Running reports whether a run is under way.
func (g *Group[D, T]) Running() bool { return g.current.Load() != nil }

func (g *Group[D, T]) join(ctx context.Context, d D) (r *Run[T], led bool) {
	for {
		if r := g.current.Load(); r != nil {
			return r, false
		}
		r := &Run[T]{done: make(chan struct{})}
		if g.current.CompareAndSwap(nil, r) {
			go g.lead(context.WithoutCancel(ctx), d, r)
			return r, true
		}
	}
}

// lead runs Fly for everybody.
func (g *Group[D, T]) lead(ctx context.Context, d D, r *Run[T]) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(g.Life, func() { cancel(context.Cause(g.Life)) })()
	if g.Life.Err() != nil {
		cancel(context.Cause(g.Life)) // now: AfterFunc does it a moment later, when Fly runs
	}
	ctx, stop := context.WithTimeout(ctx, g.Timeout)
	defer stop()
	// On a goroutine of its own, so that Fly may hang, panic or end its goroutine.
	r.value, r.err = bounded.Do(ctx, func(ctx context.Context) (T, error) { return g.Fly(ctx, d) })
	g.current.Store(nil) // whoever comes from here on runs anew
	close(r.done)
}
