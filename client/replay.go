package client

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
)

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

// thirdBody returns a body for an attempt between the first and the second, which a
// body that is kept or sought back does not have.
func thirdBody(req *http.Request, once *stream) (body io.ReadCloser, ok bool) {
	if once != nil || !replayable(req, nil) {
		return nil, false
	}
	return secondBody(req, nil)
}

func closeBody(req *http.Request) {
	if req != nil && req.Body != nil {
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
