// Package flight lets any number of callers share one run of a function, without
// any of them being able to harm the others.
//
// It is singleflight with what singleflight leaves to its users: the run has a
// context of its own with its own deadline, so that a caller who leaves takes
// nobody along; a caller leaves when its own context ends; a panic or Goexit in
// the function reaches everybody as an error and kills nothing.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the
// parts work together.
package flight

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/advoware-go/advoware/internal/bounded"
)

// Group is a place where callers with the same key meet. Life bounds every run:
// when it ends, so do they. It must be set; Timeout must be positive.
type Group[T any] struct {
	Life    context.Context
	Timeout time.Duration // the longest run

	calls singleflight.Group
}

// Do returns the result of the run for key that is under way, or of a new one of
// fn. Led tells whether it was a new one. fn's context has the values of the
// context of whoever led, but neither its deadline nor its cancellation. When ctx
// ends first, Do returns its error and the run goes on.
func (g *Group[T]) Do(ctx context.Context, key string, fn func(context.Context) (T, error)) (v T, led bool, err error) {
	if err := ctx.Err(); err != nil {
		return v, false, err
	}
	var ran bool // written by the run before its result is sent
	done := g.calls.DoChan(key, func() (any, error) {
		ran = true
		ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		defer cancel(nil)
		defer context.AfterFunc(g.Life, func() { cancel(context.Cause(g.Life)) })()
		if g.Life.Err() != nil {
			cancel(context.Cause(g.Life)) // now: AfterFunc does it a moment later, when fn runs
		}
		ctx, stop := context.WithTimeout(ctx, g.Timeout)
		defer stop()
		// On a goroutine of its own: DoChan would let a panic kill the process, leave
		// everybody waiting after a Goexit, and wait itself for a hanging fn.
		return bounded.Do(ctx, fn)
	})
	select {
	case r := <-done:
		v, _ = r.Val.(T)
		return v, ran, r.Err
	case <-ctx.Done():
		return v, false, ctx.Err()
	}
}
