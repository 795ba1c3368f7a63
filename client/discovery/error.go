package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// ErrNoAddress is matched by every [Error].
var ErrNoAddress = errors.New("discovery: the address of the Kanzlei is not known")

// ErrClosed is returned when the last Finder of an office has been closed.
var ErrClosed = errors.New("discovery: closed")

// Error says why the address of an office is not known. It matches ErrNoAddress and
// whatever Err matches. It holds no secret.
type Error struct {
	// URL is the service that was asked.
	URL string
	// Status is the HTTP status of its answer, 0 if there was none.
	Status int
	// Detail is the beginning of an answer that is none, on one line. Often empty.
	Detail string
	// Err is the cause, if there is one besides the status.
	Err error

	required bool // nothing serves instead
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(ErrNoAddress.Error() + ": " + e.URL)
	if e.Status != 0 && e.Status != http.StatusOK {
		b.WriteString(strings.TrimRight(fmt.Sprintf(": %d %s", e.Status, http.StatusText(e.Status)), " "))
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	if e.required {
		b.WriteString(" (set ADVOWARE_API_BASE_URL and ADVOWARE_TOKEN_URL with ADVOWARE_DISCOVERY=off, or ADVOWARE_DISCOVERY=auto for the vendor's defaults)")
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is ErrNoAddress, or context.DeadlineExceeded if the time ran
// out.
func (e *Error) Is(target error) bool {
	return target == ErrNoAddress || target == context.DeadlineExceeded && e.Timeout()
}

// Timeout reports whether the time ran out. With Temporary it makes an Error a net.Error.
func (e *Error) Timeout() bool {
	var timeout net.Error
	return errors.Is(e.Err, context.DeadlineExceeded) || errors.As(e.Err, &timeout) && timeout.Timeout()
}

// Temporary reports that asking again later may help.
func (e *Error) Temporary() bool { return true }

// leftError is the end of a wait that a caller did not want to make any longer.
func leftError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause != nil && !errors.Is(cause, err) { // it may be the error of another call
		return fmt.Errorf("discovery: waiting for the address of the Kanzlei: %w (cause: %v)", err, cause)
	}
	return fmt.Errorf("discovery: waiting for the address of the Kanzlei: %w", err)
}

// lateError is the end of a wait for an answer.
type lateError struct{ after time.Duration }

func (e *lateError) Error() string { return fmt.Sprintf("no answer within %v", e.after) }

// Is reports that a deadline passed.
func (e *lateError) Is(target error) bool { return target == context.DeadlineExceeded }
