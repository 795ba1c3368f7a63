package client

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
)

// answerLimit is how much of a refused attempt's answer is read and kept; to read
// more only to keep the connection costs more than a new one.
const answerLimit = 64 << 10

// firstBody returns the body for the first attempt. A body that cannot be had again
// is read through a stream, which keeps it; otherwise once is nil.
func (t *Transport) firstBody(req *http.Request) (body io.ReadCloser, once *stream) {
	if req.Body == nil || req.Body == http.NoBody || req.GetBody != nil || t.ReplayLimit < 0 {
		return req.Body, nil
	}
	limit := t.ReplayLimit
	if limit == 0 {
		limit = defaultReplayLimit
	}
	once = newStream(req.Body, limit)
	return once, once
}

// replayable reports whether the body of a request can be sent a second time, as
// far as can be told before.
func replayable(req *http.Request, once *stream) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil || once != nil && once.ready()
}

// secondBody returns the body for the second attempt.
func secondBody(req *http.Request, once *stream) (body io.ReadCloser, ok bool) {
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return req.Body, true
	case req.GetBody != nil:
		body, err := req.GetBody()
		return body, err == nil && body != nil
	default:
		return once.again()
	}
}

// keepAnswer reads the body of an answer into memory, where it stays readable
// however long the next token takes: a server that did not want the rest of the
// request soon cuts the connection. It reports whether that was all of it; then the
// connection is free for the second attempt, unless a stream has stopped it.
func keepAnswer(resp *http.Response) (whole bool) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	rest := resp.Body
	head, err := io.ReadAll(io.LimitReader(rest, answerLimit+1))
	parts := []io.Reader{bytes.NewReader(head), rest}
	if err != nil {
		parts[1] = failing{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(parts...), rest}
	return err == nil && len(head) <= answerLimit
}

// failing is the rest of an answer that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// farWait is how long a call waits for a far store in total.
const farWait = 250 * time.Millisecond

// withFarWait returns a context for the second half of a call, which may wait for
// a far store as long as the first half left over.
func withFarWait(ctx context.Context, first token.Found) context.Context {
	ctx, _ = farwait.With(ctx, farWait)
	farwait.Spend(ctx, first.FarWait)
	return ctx
}
