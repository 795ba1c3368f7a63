package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// headerTime is the context of a request that Do or an HTTPClient sends: it ends when
// the header of the answer is not there in time, and no more once it is. From then on
// the body is the caller's, as long as the request's own context lasts.
//
// It costs a RoundTrip no allocation: it comes out of a chunk, the copy of the request
// that has it is the one that is sent, and there is a timer only if somebody waits.
type headerTime struct {
	limit    time.Duration
	deadline time.Time
	sent     bool // the copy of the request; only RoundTrip looks at it

	mu     sync.Mutex
	own    context.Context // of the request; ended once this is released
	inner  context.Context // nil until somebody waits
	cancel context.CancelCauseFunc
	timer  *time.Timer
	there  bool
}

// within returns a copy of a request whose context is a headerTime. What a redirect
// leads to has what its first request left of the time.
func within(limit time.Duration, req *http.Request) (*headerTime, *http.Request) {
	h := headerTimes.take()
	h.limit, h.own = limit, req.Context()
	if b, ok := redirecting(req); ok {
		h.deadline = b.time.deadline
	} else {
		h.deadline = time.Now().Add(limit)
	}
	return h, req.WithContext(h)
}

func redirecting(req *http.Request) (*timedBody, bool) {
	if req.Response == nil {
		return nil, false
	}
	b, ok := req.Response.Body.(*timedBody)
	return b, ok
}

func (h *headerTime) Deadline() (time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	own, ok := h.own.Deadline()
	if !h.there && (!ok || h.deadline.Before(own)) {
		return h.deadline, true
	}
	return own, ok
}

func (h *headerTime) Done() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.inner == nil {
		h.inner, h.cancel = context.WithCancelCause(h.own)
		if !h.there {
			h.timer = time.AfterFunc(time.Until(h.deadline), h.expire)
		}
	}
	return h.inner.Done()
}

func (h *headerTime) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.inner == nil {
		if err := h.own.Err(); err != nil || h.there || time.Now().Before(h.deadline) {
			return err
		}
		return context.DeadlineExceeded
	}
	err := h.inner.Err()
	if err != nil && h.expired() {
		return context.DeadlineExceeded
	}
	return err
}

// Value hands on the context's own means to find its children, besides the values.
func (h *headerTime) Value(key any) any {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.inner != nil {
		return h.inner.Value(key)
	}
	return h.own.Value(key)
}

func (h *headerTime) expire() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.there {
		h.cancel(&timeoutError{limit: h.limit})
	}
}

// expired is asked with the lock held.
func (h *headerTime) expired() bool {
	if h.inner == nil {
		return false
	}
	_, late := context.Cause(h.inner).(*timeoutError)
	return late
}

// ended says how a request ended that was sent within the time: what is left of it is
// given free as soon as nobody needs it any more.
func (h *headerTime) ended(req *http.Request, resp *http.Response, err error) (*http.Response, error) {
	h.mu.Lock()
	late := h.expired() || errors.Is(err, context.DeadlineExceeded) && h.own.Err() == nil && !time.Now().Before(h.deadline)
	h.there = true
	if h.timer != nil {
		h.timer.Stop()
	}
	h.mu.Unlock()
	switch {
	case late:
		if resp != nil {
			_ = resp.Body.Close()
		}
		h.release()
		var said *timeoutError
		if err == nil || errors.As(err, &said) {
			return nil, &timeoutError{limit: h.limit}
		}
		return nil, &timeoutError{h.limit, err}
	case err != nil:
		h.release()
		return nil, err
	}
	resp.Request = req
	if resp.Body == http.NoBody && resp.Header["Location"] == nil {
		h.release()
	} else {
		resp.Body = &timedBody{resp.Body, h}
	}
	return resp, nil
}

// release lets go of the request's own context, which a chunk would keep.
func (h *headerTime) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cancel != nil {
		h.cancel(nil)
	}
	h.own = over
}

// over is the context of what nobody waits for any more.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// headerTimes are made a chunk at a time. None is used twice: net/http may look at the
// context of a request when its answer is closed.
var headerTimes chunks

const chunkSize = 256

type chunks struct{ current atomic.Pointer[chunk] }

type chunk struct {
	taken atomic.Int32
	all   [chunkSize]headerTime
}

func (c *chunks) take() *headerTime {
	for {
		now := c.current.Load()
		if now != nil {
			if i := now.taken.Add(1); i <= chunkSize {
				return &now.all[i-1]
			}
		}
		c.current.CompareAndSwap(now, new(chunk))
	}
}

// timedBody is the body of an answer whose header was there in time.
type timedBody struct {
	io.ReadCloser
	time *headerTime
}

// Read tells how the request's own context ended, and not what ended it.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.time.mu.Lock()
		own := b.time.own
		b.time.mu.Unlock()
		err = ended(own, err)
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
