// Package bounded calls functions that may hang, panic or end their goroutine,
// and gives the caller an answer whatever they do.
//
// [Do] waits for a function no longer than a context lasts, also if the function
// does not look at its context. [Go] starts one and hands out its result through
// a channel, for a caller that may stop waiting while another one still wants to see
// how it ended. [Run] is Go for a function that returns nothing, and [Patiently] waits for
// one for a while.
//
// A function that ignores its context keeps its goroutine until it returns:
// nothing here can stop it, only the wait for it.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the
// parts work together.
package bounded

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
)

// ErrGoexit is the result of a function that called [runtime.Goexit], as
// testing.T.FailNow does.
var ErrGoexit = errors.New("bounded: the function ended its goroutine")

// PanicError is the result of a function that panicked.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // where, as debug.Stack writes it
}

// Error names the value and leaves out the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("bounded: panic: %v", e.Value) }

// Unwrap returns the value if the function panicked with an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Result is how a function ended.
type Result[T any] struct {
	Value T
	Err   error // what it returned, a *PanicError, or ErrGoexit
}

// Go runs fn on a goroutine of its own. Exactly one Result arrives on the
// channel, which need not be read and is never closed.
func Go[T any](fn func() (T, error)) <-chan Result[T] {
	done := make(chan Result[T], 1)
	go func() {
		r := Result[T]{Err: ErrGoexit} // stays if neither a return nor a panic replaces it
		defer func() {
			if v := recover(); v != nil {
				r.Err = &PanicError{Value: v, Stack: debug.Stack()}
			}
			done <- r
		}()
		r.Value, r.Err = fn()
	}()
	return done
}

// Run runs fn on a goroutine of its own. Exactly one value arrives on the channel, which
// need not be read and is never closed: nil, a *PanicError, or ErrGoexit.
func Run(fn func()) <-chan error {
	done := make(chan error, 1)
	go func() {
		err := ErrGoexit // stays if neither a return nor a panic replaces it
		defer func() {
			if v := recover(); v != nil {
				err = &PanicError{Value: v, Stack: debug.Stack()}
			}
			done <- err
		}()
		fn()
		err = nil
	}()
	return done
}

// Patiently runs fn on a goroutine of its own, and waits for its end, but no longer than
// patience. A panic and an exit of fn until then are the caller's.
func Patiently(patience time.Duration, fn func()) {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case err := <-Run(fn):
		var panicked *PanicError
		if errors.As(err, &panicked) {
			panic(panicked.Value)
		}
		if err != nil {
			runtime.Goexit()
		}
	case <-late.C:
	}
}

// Do runs fn on a goroutine of its own and returns what it returns, or, if ctx
// ends first, an error that matches ctx.Err() and the cause of it; what fn
// returns after that is dropped. With a ctx that has already ended fn is not
// called. A panic of fn is returned as a *PanicError, runtime.Goexit as ErrGoexit.
func Do[T any](ctx context.Context, fn func(context.Context) (T, error)) (T, error) {
	var zero T
	if ctx.Err() != nil {
		return zero, ended(ctx)
	}
	done := Go(func() (T, error) { return fn(ctx) })
	select {
	case r := <-done:
		return r.Value, r.Err
	case <-ctx.Done():
	}
	select {
	case r := <-done: // both at once: a result that is there is not thrown away
		return r.Value, r.Err
	default:
		return zero, ended(ctx)
	}
}

// ended returns why ctx ended. A cause does not hide that it was a deadline or a
// cancellation.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == nil || errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// BrokeOff reports whether err says that a function ended by a panic or Goexit.
func BrokeOff(err error) bool {
	_, panicked := errors.AsType[*PanicError](err)
	return panicked || errors.Is(err, ErrGoexit)
}
