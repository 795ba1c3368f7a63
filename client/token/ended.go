package token

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// endedError is returned to a caller whose context has ended. It matches the context's
// error. The cause is in the text, but not matched: with an errgroup it is another call's
// error.
type endedError struct {
	err   error // of the context
	cause string
}

// ended returns the error for a caller whose context has ended.
func ended(ctx context.Context) error {
	e := &endedError{err: ctx.Err()}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(e.err, cause) {
		e.cause = cause.Error()
	}
	return e
}

func (e *endedError) Error() string {
	text := "token: waiting for a token: " + e.err.Error()
	if e.cause != "" {
		text += " (" + e.cause + ")"
	}
	return text
}

func (e *endedError) Unwrap() error { return e.err }

// Timeout and Temporary make it a net.Error, as the context's own error is one.
func (e *endedError) Timeout() bool   { return errors.Is(e.err, context.DeadlineExceeded) }
func (e *endedError) Temporary() bool { return e.Timeout() }

// What a store does that does not keep its promises. Both match errBroken.
var (
	errBroken  = errors.New("token: broken store")
	errNoToken = broken("the store returned no token and no error")
	errOver    = broken("the store returned a token that has ended")
)

type broken string

func (b broken) Error() string      { return string(b) }
func (broken) Is(target error) bool { return target == errBroken }

// storeError is an error of a store. It matches ErrStore and what the store said.
type storeError struct{ err error }

// readError returns the error for a caller of a store that returned err. If the caller's
// context has ended, that is the error: the store only heeded it.
func readError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	return &storeError{err}
}

func (e *storeError) Error() string   { return fmt.Sprintf("%v: %v", ErrStore, e.err) }
func (e *storeError) Unwrap() []error { return []error{ErrStore, e.err} }
func (e *storeError) Timeout() bool   { return timedOut(e.err) }
func (e *storeError) Temporary() bool { return e.Timeout() }

// timedOut reports whether err says that the time ran out.
func timedOut(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
