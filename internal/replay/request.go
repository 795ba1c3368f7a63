package replay

import (
	"io"
	"net/http"
)

// Replayable reports whether the body of a request can be sent a second time, as
// far as that is known before.
func Replayable(req *http.Request, kept *Body) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil || kept != nil && kept.Ready()
}

// Second returns the body for the second attempt.
func Second(req *http.Request, kept *Body) (body io.ReadCloser, ok bool) {
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

// Third returns a body for an attempt between the first and the second, which a
// body that is kept or sought back does not have.
func Third(req *http.Request, kept *Body) (body io.ReadCloser, ok bool) {
	if kept != nil || !Replayable(req, nil) {
		return nil, false
	}
	return Second(req, nil)
}
