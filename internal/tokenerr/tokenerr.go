// Package tokenerr has the errors that a Source returns for a wait that ended and for a
// store that cannot be read.
//
// See ARCHITECTURE.md for the package in context.
package tokenerr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// endedError is returned to a caller whose context has ended. It matches the context's
// error. The cause is in the text, but not matched: with an errgroup it is another call's
// error.
type endedError struct {
	err   error // of the context
	cause string
}

// Ended returns the error for a caller whose context has ended.
func Ended(ctx context.Context) error {
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

// ErrStore is token.ErrStore.
var ErrStore = errors.New("token: the store cannot be read")

// What a store does that does not keep its promises. Both match ErrBroken.
var (
	ErrBroken        = errors.New("token: broken store")
	ErrNoToken error = broken("the store returned no token and no error")
	ErrEnded   error = broken("the store returned a token that has ended")
)

type broken string

func (b broken) Error() string      { return string(b) }
func (broken) Is(target error) bool { return target == ErrBroken }

// storeError is an error of a store. It matches ErrStore and what the store said.
type storeError struct{ err error }

// Read returns the error for a caller of a store that returned err. If the caller's
// context has ended, that is the error: the store only heeded it.
func Read(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return Ended(ctx)
	}
	return &storeError{err}
}

// Usable returns the answer of a store to a Get: a token that lasts, a miss, or the error
// for its caller. An error that matches ErrBroken says that the store does not keep its
// promises.
func Usable(ctx context.Context, tok store.Token, err error) (store.Token, error) {
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		err = Read(ctx, err)
	case err == nil && tok.IsZero():
		err = Read(ctx, ErrNoToken)
	case err == nil && !tok.ValidAt(time.Now()):
		err = Read(ctx, ErrEnded)
	}
	if err != nil {
		return store.Token{}, err
	}
	return tok, nil
}

func (e *storeError) Error() string   { return fmt.Sprintf("%v: %v", ErrStore, e.err) }
func (e *storeError) Unwrap() []error { return []error{ErrStore, e.err} }
func (e *storeError) Timeout() bool   { return TimedOut(e.err) }
func (e *storeError) Temporary() bool { return e.Timeout() }

// TimedOut reports whether err says that the time ran out.
func TimedOut(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// Also returns err, which matches same too. It does not repeat what same says.
func Also(err, same error) error { return also{err, same} }

type also struct {
	error
	same error
}

func (e also) Unwrap() []error { return []error{e.error, e.same} }

// ErrSuspended is token.ErrSuspended.
var ErrSuspended = errors.New("token: the process was suspended while a token was requested")

// suspendedFor is by how much something must outlast its bound for ErrSuspended. A busy
// machine is not that late.
const suspendedFor = 2 * time.Second

// OrSuspended returns err, or ErrSuspended if what failed with err began then, has a bound, and
// can only have taken so long because the process was suspended: by whichever clock says so. The
// monotonic one stands still with a machine that is suspended, and goes on for a process that
// is stopped.
func OrSuspended(err error, began time.Time, limit time.Duration) error {
	now := time.Now()
	if err != nil && max(now.Sub(began), now.Round(0).Sub(began.Round(0))) > limit+suspendedFor {
		return ErrSuspended
	}
	return err
}

// ErrElsewhere means that another process renews a token that has not ended.
var ErrElsewhere = errors.New("token: another process renews it")

// Outages is a token.Errors that classifies every failure as an outage.
type Outages struct{}

// Classify says that err is an outage.
func (Outages) Classify(error) lease.Failure { return lease.Failure{} }

// Sentinel returns nil.
func (Outages) Sentinel(lease.Failure) error { return nil }

// ErrOvertaken is token.ErrOvertaken.
var ErrOvertaken = errors.New("token: another process was faster")

// Overtaken is ErrOvertaken with the token that another process has stored.
type Overtaken struct{ By store.Token }

func (*Overtaken) Error() string { return ErrOvertaken.Error() }

// Unwrap returns ErrOvertaken.
func (*Overtaken) Unwrap() error { return ErrOvertaken }

// OvertakenBy returns how ctx has ended, nil if it has not or otherwise.
func OvertakenBy(ctx context.Context) *Overtaken {
	o, _ := errors.AsType[*Overtaken](context.Cause(ctx))
	return o
}
