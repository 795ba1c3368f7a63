package client

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// idleError is a call in which nothing moved for too long. It counts as a deadline that
// has passed.
type idleError struct{ after time.Duration }

func (e *idleError) Error() string {
	return fmt.Sprintf("nothing was sent or received for %v: %v", e.after, context.DeadlineExceeded)
}

func (*idleError) Unwrap() error   { return context.DeadlineExceeded }
func (*idleError) Timeout() bool   { return true }
func (*idleError) Temporary() bool { return true }

// idle ends a call in which nothing is sent or received for too long. The time runs while
// the call waits for a token, the answer or more of it, and while what was read of the
// request's body is being sent. It does not run while the caller works.
type idle struct {
	after  time.Duration // not positive means never
	cancel context.CancelCauseFunc
	late   *idleError // the cause, if nothing moved

	mu       sync.Mutex
	timer    *time.Timer // nil while nothing is waited for
	answered bool        // the request's body no longer matters
	over     bool
}

// watched returns a context that ends when nothing has moved for so long, or with ctx.
func watched(ctx context.Context, after time.Duration) (context.Context, *idle) {
	i := &idle{after: after, late: &idleError{after}}
	ctx, i.cancel = context.WithCancelCause(ctx)
	return ctx, i
}

// ended reports whether cause is that nothing moved in this call, and not in another one.
func (i *idle) ended(cause error) bool { return i != nil && cause == error(i.late) }

// wait starts the time: the call waits for the other side.
func (i *idle) wait() { i.run(true, false) }

// moved stops the time: the caller works.
func (i *idle) moved() { i.run(false, false) }

// run starts the time, or stops it. A read of the request's body has no say in that once the
// answer has begun.
func (i *idle) run(on, upload bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if upload && i.answered || i.over {
		return
	}
	i.stop()
	if on && i.after > 0 {
		i.timer = time.AfterFunc(i.after, func() { i.cancel(i.late) })
	}
}

func (i *idle) stop() {
	if i.timer != nil {
		i.timer.Stop()
		i.timer = nil
	}
}

// answer stops the time: the answer has begun. What is left of the request's body no longer
// matters.
func (i *idle) answer() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stop()
	i.answered = true
}

// end frees what the call has. The answer has been read, or is not wanted any more.
func (i *idle) end() {
	i.mu.Lock()
	i.stop()
	i.over = true
	i.mu.Unlock()
	i.cancel(context.Canceled)
}

// upload watches a body of the request.
func (i *idle) upload(body io.ReadCloser) io.ReadCloser {
	u := &upload{body, i}
	if s, ok := body.(io.Seeker); ok { // Transport seeks it back
		return struct {
			*upload
			io.Seeker
		}{u, s}
	}
	return u
}

type upload struct {
	io.ReadCloser
	idle *idle
}

func (u *upload) Read(p []byte) (int, error) {
	u.idle.run(false, true)
	defer u.idle.run(true, true)
	return u.ReadCloser.Read(p)
}
