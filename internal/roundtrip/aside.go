package roundtrip

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// grace is how long net/http is waited for after the context of a request has ended. It
// returns by itself then, with a better error. It does not return while a Read of the
// request's body blocks, or when a server has made it hold the lock of an HTTP/2 connection
// for ever, by a WINDOW_UPDATE out of range for example.
const grace = 500 * time.Millisecond

// maxPiece limits how much of a response is read at a time on another goroutine.
const maxPiece = 32 << 10

// aside calls fn on a goroutine of its own, because it may never return. It reports whether
// fn has returned in time: within grace after the end of ctx, and within limit, if that is
// not 0. If not, late gets the result.
func aside[T any](ctx context.Context, limit time.Duration, fn func() (T, error)) (r bounded.Result[T], late <-chan bounded.Result[T]) {
	return await(ctx, limit, bounded.Go(fn))
}

func await[T any](ctx context.Context, limit time.Duration, done <-chan bounded.Result[T]) (r bounded.Result[T], late <-chan bounded.Result[T]) {
	if limit == 0 {
		select {
		case r = <-done:
			return r, nil
		case <-ctx.Done():
		}
		limit = grace
	}
	patience := time.NewTimer(limit)
	defer patience.Stop()
	select {
	case r = <-done:
		return r, nil
	case <-patience.C:
		return r, done
	}
}

// mayStick reports whether net/http may not return when the context of a request ends.
func mayStick(req *http.Request) bool {
	return req.Context().Done() != nil && (req.URL.Scheme == "https" || !inMemory(req.Body))
}

// send is g.RoundTrip, which ends when the context of the request does.
func (t *Transport) send(g *generation, req *http.Request) (*http.Response, error) {
	if !mayStick(req) {
		return g.RoundTrip(req)
	}
	ctx := req.Context()
	r, late := aside(ctx, 0, func() (*http.Response, error) { return g.RoundTrip(req) })
	if late == nil {
		return r.Value, r.Err
	}
	t.distrust(g)
	go func() {
		if r := <-late; r.Value != nil {
			closeAnswer(r.Value)
		}
	}()
	return nil, context.Cause(ctx)
}

// patientBody is the body of an HTTP/2 response. Read ends when the context does, and Close
// always returns.
type patientBody struct {
	io.ReadCloser
	ctx     context.Context
	reading <-chan bounded.Result[int] // a Read that is under way
	buf     []byte                     // what that reads into
	unread  []byte                     // of buf
	err     error                      // comes after unread
}

func (b *patientBody) Read(p []byte) (int, error) {
	if len(b.unread) == 0 && b.err == nil && len(p) > 0 {
		b.fill(len(p))
	}
	n := copy(p, b.unread)
	if b.unread = b.unread[n:]; len(b.unread) > 0 {
		return n, nil
	}
	return n, b.err
}

// fill reads no more than size bytes into buf.
func (b *patientBody) fill(size int) {
	if b.reading == nil {
		if size = min(size, maxPiece); size > cap(b.buf) {
			b.buf = make([]byte, size)
		}
		buf := b.buf[:size]
		b.reading = bounded.Go(func() (int, error) { return b.ReadCloser.Read(buf) })
	}
	r, late := await(b.ctx, 0, b.reading)
	if late != nil {
		b.err = context.Cause(b.ctx)
		return
	}
	b.reading, b.unread, b.err = nil, b.buf[:r.Value], r.Err
}

func (b *patientBody) Close() error {
	r, _ := aside(b.ctx, grace, func() (struct{}, error) { return struct{}{}, b.ReadCloser.Close() })
	return r.Err
}
