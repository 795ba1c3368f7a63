// Package quiet ends a call in which nothing moves for too long.
//
// A [Watch] runs while the other side is waited for, and stands still while the caller
// works. It is safe for concurrent use.
package quiet

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// Error is a call in which nothing moved for too long. It counts as a deadline that
// has passed.
type Error struct{ after time.Duration }

func (e *Error) Error() string {
	return fmt.Sprintf("nothing was sent or received for %v: %v", e.after, context.DeadlineExceeded)
}

func (*Error) Unwrap() error   { return context.DeadlineExceeded }
func (*Error) Timeout() bool   { return true }
func (*Error) Temporary() bool { return true }

// Watch ends a call in which nothing is sent or received for too long. The time runs while
// the call waits for a token, the answer or more of it, and while what was read of the
// request's body is being sent. It does not run while the caller works.
type Watch struct {
	after  time.Duration // not positive means never
	cancel context.CancelCauseFunc
	late   *Error // the cause, if nothing moved

	mu       sync.Mutex
	timer    *time.Timer // nil while nothing is waited for
	answered bool        // the request's body no longer matters
	over     bool
}

// New returns a Watch, and a context that ends when nothing has moved for so long, or with ctx.
func New(ctx context.Context, after time.Duration) (context.Context, *Watch) {
	i := &Watch{after: after, late: &Error{after}}
	ctx, i.cancel = context.WithCancelCause(ctx)
	return ctx, i
}

// Ended reports whether cause is that nothing moved in this call, and not in another one.
func (i *Watch) Ended(cause error) bool { return i != nil && cause == error(i.late) }

// Wait starts the time: the call waits for the other side.
func (i *Watch) Wait() { i.run(true, false) }

// Moved stops the time: the caller works.
func (i *Watch) Moved() { i.run(false, false) }

// run starts the time, or stops it. A read of the request's body has no say in that once the
// answer has begun.
func (i *Watch) run(on, upload bool) {
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

func (i *Watch) stop() {
	if i.timer != nil {
		i.timer.Stop()
		i.timer = nil
	}
}

// Answer stops the time: the answer has begun. What is left of the request's body no longer
// matters.
func (i *Watch) Answer() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stop()
	i.answered = true
}

// End frees what the call has. The answer has been read, or is not wanted any more.
func (i *Watch) End() {
	i.mu.Lock()
	i.stop()
	i.over = true
	i.mu.Unlock()
	i.cancel(context.Canceled)
}

// Upload watches a body of the request.
func (i *Watch) Upload(body io.ReadCloser) io.ReadCloser {
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
	idle *Watch
}

func (u *upload) Read(p []byte) (int, error) {
	u.idle.run(false, true)
	defer u.idle.run(true, true)
	return u.ReadCloser.Read(p)
}
