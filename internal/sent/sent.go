// Package sent says of the error of an HTTP request whether the request may have been
// carried out, so that whoever made it knows whether it can be made again.
//
// [Not] and [Maybe] make an error match one of two sentinels; [Of] decides which, for an
// attempt that [Begin] gave a [Trace].
//
// Everything here is safe for concurrent use.
package sent

import "errors"

// The two sentinels; package client says what they mean.
var (
	ErrNot   = errors.New("client: the request was not sent")
	ErrMaybe = errors.New("client: the request may have been carried out")
)

// Not returns err as one that matches ErrNot, and not ErrMaybe.
func Not(err error) error { return as(err, ErrNot, ErrMaybe) }

// Maybe returns err as one that matches ErrMaybe, and not ErrNot.
func Maybe(err error) error { return as(err, ErrMaybe, ErrNot) }

func as(err, is, not error) error {
	if err = Without(err, not); errors.Is(err, is) {
		return err
	}
	return &outcomeError{err, is}
}

// Without returns err as one that does not match sentinel: the body of a request, or what
// sends it, may have met the error of a request of its own.
func Without(err, sentinel error) error {
	if errors.Is(err, sentinel) {
		return &maskedError{err, sentinel}
	}
	return err
}

// outcomeError is an error that matches one of the two.
type outcomeError struct{ err, is error }

func (e *outcomeError) Error() string        { return e.err.Error() }
func (e *outcomeError) Unwrap() error        { return e.err }
func (e *outcomeError) Is(target error) bool { return target == e.is }
func (e *outcomeError) Timeout() bool        { return TimedOut(e.err) }
func (e *outcomeError) Temporary() bool      { return TimedOut(e.err) }

// maskedError is an error that does not match one of those that it wraps.
type maskedError struct{ err, not error }

func (e *maskedError) Error() string        { return e.err.Error() }
func (e *maskedError) Is(target error) bool { return target != e.not && errors.Is(e.err, target) }
func (e *maskedError) As(target any) bool   { return errors.As(e.err, target) }

// TimedOut reports whether err is, or comes from, something that took too long.
func TimedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
