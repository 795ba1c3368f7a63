package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/advoware-go/advoware/internal/hook"
	"github.com/advoware-go/advoware/internal/logvalue"
	"github.com/advoware-go/advoware/internal/pacing"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// FetchError is returned when no token could be fetched. Until NextAttempt every call that
// finds no token gets this same error at once; only Refresh tries earlier.
type FetchError struct {
	// Err is what the fetch returned.
	Err error
	// Refused reports whether the gateway refused the credentials; false means that it
	// could not answer.
	Refused bool
	// NextAttempt is when the next call makes a new attempt.
	NextAttempt time.Time
}

func (e *FetchError) Error() string {
	return fmt.Sprintf("token: no token: %v (next attempt after %s)", e.Err, e.NextAttempt.UTC().Format("15:04:05Z"))
}

// LogValue is a group for slog: what Error says as message, and its parts.
func (e *FetchError) LogValue() slog.Value { return logvalue.Fetch(e, e.Refused, e.NextAttempt) }

// Unwrap returns Err.
func (e *FetchError) Unwrap() error { return e.Err }

// Is reports whether target is context.DeadlineExceeded and the fetch ran out of time,
// however the transport says so.
func (e *FetchError) Is(target error) bool { return target == context.DeadlineExceeded && e.Timeout() }

// Timeout reports whether the fetch ran out of time. With Temporary it makes a FetchError
// a net.Error.
func (e *FetchError) Timeout() bool { return tokenerr.TimedOut(e.Err) }

// Temporary reports whether another attempt may bring a token: the credentials were not
// refused.
func (e *FetchError) Temporary() bool { return !e.Refused }

// Errors classifies the errors of a Fetch.
type Errors interface {
	// Classify says of an error of Fetch whether the credentials were refused, for whom it
	// holds and why, and as Pause how long the gateway asked to be left alone.
	Classify(error) lease.Failure
	// Sentinel returns what the error of a fetch that another process made matches besides
	// ErrRemoteFetch, by what Classify said of it there. Nil means nothing.
	Sentinel(lease.Failure) error
}

// failure is what is remembered of failed fetches; guarded by tokens.mu.
type failure struct {
	last  *FetchError // nil after a success
	row   int         // outages in a row
	tried bool        // the last attempt of this process failed, not just that of another one
}

// failed returns what is remembered of failed fetches.
func (a *account) failed() failure {
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	return a.failure
}

// pendingFailure returns the last failure while it is too early for another
// attempt, unless w asks for one all the same.
func (s *Source) pendingFailure(w want) error {
	a := s.account
	a.tokens.mu.Lock()
	defer a.tokens.mu.Unlock()
	if f := a.failure.last; f != nil && !w.fresh && time.Now().Before(f.NextAttempt) {
		return f
	}
	return nil
}

// counts returns the instant until which a failure makes a difference: an outage,
// until a while after the next attempt is due, so that the pauses go on growing.
func (f *failure) counts() time.Time {
	switch {
	case f.last == nil:
		return time.Time{}
	case f.last.Refused:
		return f.last.NextAttempt
	}
	return f.last.NextAttempt.Add(pacing.MaxBackoff)
}

// recordFailure remembers a failed fetch, unless it failed because the last Source was
// closed, and returns the error for the callers.
func (s *Source) recordFailure(ctx context.Context, err error) error {
	if s.guard.closing.IsOver() {
		return errors.Join(ErrClosed, err)
	}
	f := s.cfg.Errors.Classify(err)
	a := s.account
	a.tokens.mu.Lock()
	pause := pacing.AfterRefusal(f.Pause)
	if !f.Refused {
		a.failure.row++
		pause = pacing.AfterOutage(a.failure.row, a.tokens.left(), f.Pause)
	}
	e := &FetchError{Err: err, Refused: f.Refused, NextAttempt: time.Now().Add(pause)}
	a.failure.last, a.failure.tried = e, true
	a.history.NoteFailure(f, e.NextAttempt)
	a.tokens.mu.Unlock()
	hook.Patiently(func() {
		s.cfg.Logger.ErrorContext(ctx, "token fetch failed", "error", logvalue.Text(err), "refused", f.Refused, "reason", f.Reason, "next_attempt_in", pause.Round(time.Millisecond).String())
	})
	return e
}

// left is how long the token in use still serves, 0 if none does. The mutex is held.
func (t *tokens) left() time.Duration {
	if t.inUse.IsZero() || t.isRejected(t.inUse) {
		return 0
	}
	return store.Remaining(time.Now(), t.inUse.Expiry())
}
