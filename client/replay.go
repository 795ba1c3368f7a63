package client

import (
	"io"
	"net/http"
)

// firstBody returns the body for the first attempt. A body that cannot be had again
// is read through a replayBody, which keeps it; otherwise that is nil.
func (t *Transport) firstBody(req *http.Request) (body io.ReadCloser, replay *replayBody) {
	if req.Body == nil || req.Body == http.NoBody || req.GetBody != nil || t.ReplayLimit < 0 {
		return req.Body, nil
	}
	limit := t.ReplayLimit
	if limit == 0 {
		limit = defaultReplayLimit
	}
	replay = newReplayBody(req.Body, limit)
	return replay, replay
}

// replayable reports whether the body of a request can be sent a second time, as
// far as can be told before.
func replayable(req *http.Request, replay *replayBody) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil || replay != nil && replay.ready()
}

// secondBody returns the body for the second attempt.
func secondBody(req *http.Request, replay *replayBody) (body io.ReadCloser, ok bool) {
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return req.Body, true
	case req.GetBody != nil:
		body, err := req.GetBody()
		return body, err == nil && body != nil
	default:
		return replay.again()
	}
}

// thirdBody returns a body for an attempt between the first and the second, which a
// body that is kept or sought back does not have.
func thirdBody(req *http.Request, replay *replayBody) (body io.ReadCloser, ok bool) {
	if replay != nil || !replayable(req, nil) {
		return nil, false
	}
	return secondBody(req, nil)
}

func closeBody(req *http.Request) {
	if req != nil && req.Body != nil {
		_ = req.Body.Close()
	}
}
