// Package headertime limits how long a request waits for the header of its answer.
//
// See ARCHITECTURE.md for the package in context.
package headertime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/internal/sent"
)

// Time is the context of a request. It ends if the header of the answer does not arrive in
// time. After the header it lasts as long as the request's own context.
type Time struct {
	context.Context // ended by cancel, or with own
	own             context.Context
	cancel          context.CancelCauseFunc
	late            *TimeoutError // the cause, if the time is over
	met             func(context.Context, error) error
	deadline        time.Time
	timer           *time.Timer
}

// Within returns a copy of a request whose context is a Time. A request that follows a
// redirect has what is left of the first one's time. met makes an error that the reading of
// the body met that of the request with this context.
func Within(limit time.Duration, req *http.Request, met func(context.Context, error) error) (*Time, *http.Request) {
	h := &Time{own: req.Context(), late: &TimeoutError{limit: limit}, deadline: time.Now().Add(limit), met: met}
	if req.Response != nil {
		if b, ok := req.Response.Body.(*timedBody); ok {
			h.deadline = b.time.deadline
		}
	}
	h.Context, h.cancel = context.WithCancelCause(h.own)
	h.timer = time.AfterFunc(time.Until(h.deadline), h.expire)
	return h, req.WithContext(h)
}

func (h *Time) expire() { h.cancel(h.late) }

// Deadline is for code that looks at it beforehand, as a lookup of a token does; it is the
// timer that ends the context.
func (h *Time) Deadline() (time.Time, bool) {
	if own, ok := h.own.Deadline(); ok && own.Before(h.deadline) {
		return own, true
	}
	return h.deadline, true
}

// Err returns context.DeadlineExceeded if the time is over, as for a deadline of the context.
func (h *Time) Err() error {
	err := h.Context.Err()
	if err != nil && h.Expired() {
		return context.DeadlineExceeded
	}
	return err
}

// Expired reports whether the header was not there in time. It compares with the error of this very request: the own context may have been
// cancelled with the time-out of another request as its cause.
func (h *Time) Expired() bool { return context.Cause(h.Context) == error(h.late) }

func (h *Time) release() {
	h.timer.Stop() // of a redirect
	h.cancel(nil)
}

// Ended returns the result of a request that had this context. The time goes on while
// net/http reads the body of a redirect, before it follows.
func (h *Time) Ended(req *http.Request, resp *http.Response, err error) (*http.Response, error) {
	redirect := err == nil && resp.StatusCode/100 == 3 && resp.Header["Location"] != nil
	if !redirect && !h.timer.Stop() || !time.Now().Before(h.deadline) { // others may have kept to Deadline
		h.expire()
	}
	if h.Expired() {
		if resp != nil {
			_ = resp.Body.Close()
		}
		switch {
		case err == nil:
			err = sent.Maybe(h.late)
		case !errors.Is(err, h.late):
			err = &TimeoutError{h.late.limit, err}
		}
		return nil, err
	}
	if err != nil {
		h.release()
		return nil, err
	}
	resp.Request = req
	if resp.Body == http.NoBody && !redirect {
		h.release()
	} else {
		resp.Body = &timedBody{resp.Body, h}
	}
	return resp, nil
}

// timedBody is the body of an answer whose header was there in time.
type timedBody struct {
	io.ReadCloser
	time *Time
}

// Read returns how the request's own context ended, and not its cause. After the last byte
// the context is not needed any more, whether Close follows or not.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		if err != io.EOF {
			err = b.time.met(b.time.own, err)
		}
		b.time.release()
	}
	return n, err
}

func (b *timedBody) Close() error {
	err := b.ReadCloser.Close()
	b.time.release()
	return err
}

// TimeoutError is a request that had no answer in time. With Timeout it is a net.Error.
type TimeoutError struct {
	limit time.Duration
	err   error // what it met, nil if nothing
}

func (e *TimeoutError) Error() string {
	if e.err != nil {
		return fmt.Sprintf("no answer within %v: %v", e.limit, e.err)
	}
	return fmt.Sprintf("no answer within %v", e.limit)
}

// Unwrap returns what the request met, nil if nothing.
func (e *TimeoutError) Unwrap() error { return e.err }

// Timeout and Temporary make it a net.Error, for url.Error.
func (*TimeoutError) Timeout() bool   { return true }
func (*TimeoutError) Temporary() bool { return true }

// Is reports that a deadline passed.
func (*TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }
