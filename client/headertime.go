package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/internal/sent"
)

// headerTime is the context of a request that Do or an HTTPClient sends. It ends if the
// header of the answer does not arrive in time. After the header it lasts as long as the
// request's own context.
type headerTime struct {
	context.Context // ended by cancel, or with own
	own             context.Context
	cancel          context.CancelCauseFunc
	late            *timeoutError // the cause, if the time is over
	deadline        time.Time
	timer           *time.Timer
}

// within returns a copy of a request whose context is a headerTime. A request that follows
// a redirect has what is left of the first one's time.
func within(limit time.Duration, req *http.Request) (*headerTime, *http.Request) {
	h := &headerTime{own: req.Context(), late: &timeoutError{limit: limit}, deadline: time.Now().Add(limit)}
	if req.Response != nil {
		if b, ok := req.Response.Body.(*timedBody); ok {
			h.deadline = b.time.deadline
		}
	}
	h.Context, h.cancel = context.WithCancelCause(h.own)
	h.timer = time.AfterFunc(time.Until(h.deadline), h.expire)
	return h, req.WithContext(h)
}

func (h *headerTime) expire() { h.cancel(h.late) }

// Deadline is for code that looks at it beforehand, as a lookup of a token does; it is the
// timer that ends the context.
func (h *headerTime) Deadline() (time.Time, bool) {
	if own, ok := h.own.Deadline(); ok && own.Before(h.deadline) {
		return own, true
	}
	return h.deadline, true
}

func (h *headerTime) Err() error {
	err := h.Context.Err()
	if err != nil && h.expired() {
		return context.DeadlineExceeded
	}
	return err
}

// expired compares with the error of this very request: the own context may have been
// cancelled with the time-out of another request as its cause.
func (h *headerTime) expired() bool { return context.Cause(h.Context) == error(h.late) }

func (h *headerTime) release() {
	h.timer.Stop() // of a redirect
	h.cancel(nil)
}

// ended returns the result of a request that had this context. The time goes on while
// net/http reads the body of a redirect, before it follows.
func (h *headerTime) ended(req *http.Request, resp *http.Response, err error) (*http.Response, error) {
	redirect := err == nil && resp.StatusCode/100 == 3 && resp.Header["Location"] != nil
	if !redirect && !h.timer.Stop() || !time.Now().Before(h.deadline) { // others may have kept to Deadline
		h.expire()
	}
	if h.expired() {
		if resp != nil {
			_ = resp.Body.Close()
		}
		switch {
		case err == nil:
			err = sent.Maybe(h.late)
		case !errors.Is(err, h.late):
			err = &timeoutError{h.late.limit, err}
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
	time *headerTime
}

// Read returns how the request's own context ended, and not its cause. After the last byte
// the context is not needed any more, whether Close follows or not.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		if err != io.EOF {
			err = met(b.time.own, err)
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

// timeoutError is a request that had no answer in time.
type timeoutError struct {
	limit time.Duration
	err   error // what it met, nil if nothing
}

func (e *timeoutError) Error() string {
	if e.err != nil {
		return fmt.Sprintf("no answer within %v: %v", e.limit, e.err)
	}
	return fmt.Sprintf("no answer within %v", e.limit)
}

func (e *timeoutError) Unwrap() error { return e.err }

// Timeout and Temporary make it a net.Error, for url.Error.
func (*timeoutError) Timeout() bool   { return true }
func (*timeoutError) Temporary() bool { return true }

// Is reports that a deadline passed.
func (*timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }
