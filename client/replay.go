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

func closeBody(req *http.Request) {
	if req != nil && req.Body != nil {
		_ = req.Body.Close()
	}
}
