package client

import (
	"io"
	"net/http"

	"github.com/advoware-go/advoware/internal/replay"
)

const defaultReplayLimit = 1 << 20

// firstBody returns the body for the first attempt. A body that cannot be had again
// is read through a replay.Body, which keeps it; otherwise that is nil.
func (t *Transport) firstBody(req *http.Request) (body io.ReadCloser, kept *replay.Body) {
	if req.Body == nil || req.Body == http.NoBody || req.GetBody != nil || t.ReplayLimit < 0 {
		return req.Body, nil
	}
	limit := t.ReplayLimit
	if limit == 0 {
		limit = defaultReplayLimit
	}
	kept = replay.New(req.Body, limit)
	return kept, kept
}

// replayable reports whether the body of a request can be sent a second time, as
// far as that is known before.
func replayable(req *http.Request, kept *replay.Body) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil || kept != nil && kept.Ready()
}

// secondBody returns the body for the second attempt.
func secondBody(req *http.Request, kept *replay.Body) (body io.ReadCloser, ok bool) {
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return req.Body, true
	case req.GetBody != nil:
		body, err := req.GetBody()
		return body, err == nil && body != nil
	default:
		return kept.Again()
	}
}

// thirdBody returns a body for an attempt between the first and the second, which a
// body that is kept or sought back does not have.
func thirdBody(req *http.Request, kept *replay.Body) (body io.ReadCloser, ok bool) {
	if kept != nil || !replayable(req, nil) {
		return nil, false
	}
	return secondBody(req, nil)
}

func closeBody(req *http.Request) {
	if req != nil && req.Body != nil {
		_ = req.Body.Close()
	}
}
