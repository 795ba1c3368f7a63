package client

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"github.com/advoware-go/advoware/internal/headertime"
	"github.com/advoware-go/advoware/internal/quiet"
)

// endedError is an error of a call whose context ended. It matches ctx.Err(). Its text names
// the cause of the context, which it does not match: with errgroup that is the error of
// another call.
type endedError struct {
	own  error // ctx.Err()
	err  error // what the call met; nil if that was the context's cause
	text string
}

// ended returns err as the error of a call whose context has ended, if it has.
func ended(ctx context.Context, err error) error {
	own := ctx.Err()
	if err == nil || own == nil || err == own {
		return err
	}
	cause := context.Cause(ctx)
	e := &endedError{own: own, err: err, text: err.Error()}
	if h, ok := ctx.(*headertime.Time); ok && h.Expired() {
		return err // which h.Ended makes a time-out
	}
	if n := callStateOf(ctx); n != nil && n.idle.Ended(cause) {
		return cause
	}
	switch {
	case cause == nil || sameError(cause, own):
	case has(err, cause):
		e.err, e.text = nil, own.Error()
		fallthrough
	default:
		if !strings.Contains(e.text, cause.Error()) {
			e.text += " (cause: " + cause.Error() + ")"
		}
	}
	if !strings.Contains(e.text, own.Error()) {
		e.text = own.Error() + ": " + e.text
	}
	return e
}

// met returns the error of a transport as that of the request that has ctx. When a request
// is cancelled just as its answer is complete, net/http closes the connection, which may
// serve another request by then, and returns the cause to that one. The other request was
// not cancelled, and its error must not match the cause.
func met(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ended(ctx, err)
	}
	var (
		api   *APIError
		call  *CallError
		over  *endedError
		limit *headertime.TimeoutError
		still *quiet.Error
	)
	if errors.Is(err, context.Canceled) || errors.As(err, &api) || errors.As(err, &call) || errors.As(err, &over) ||
		errors.As(err, &limit) || errors.As(err, &still) {
		return errors.New("the connection was given up, maybe for another request: " + err.Error())
	}
	return err
}

// sameError is a == b for errors that may be of a type that has no ==.
func sameError(a, b error) bool {
	return reflect.ValueOf(a).Comparable() && a == b
}

// has reports whether err is or wraps cause. It is true for a cause that has no ==.
func has(err, cause error) bool {
	return !reflect.ValueOf(cause).Comparable() || errors.Is(err, cause)
}

func (e *endedError) Error() string { return e.text }

// Unwrap returns the context's error and what the call met.
func (e *endedError) Unwrap() []error {
	if e.err == nil {
		return []error{e.own}
	}
	return []error{e.own, e.err}
}

// Timeout reports whether a deadline has passed; url.Error and net.Error ask for it.
func (e *endedError) Timeout() bool { return errors.Is(e.own, context.DeadlineExceeded) }

// Temporary is what net.Error wants besides.
func (e *endedError) Temporary() bool { return e.Timeout() }
