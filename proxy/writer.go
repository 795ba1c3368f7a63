package proxy

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// writer is what a client is answered by. Each read from the client and each write to it has
// a time of its own, so that a body may take as long as it moves.
type writer struct {
	http.ResponseWriter
	conn    *http.ResponseController
	stall   time.Duration // not positive means no bound
	streams bool          // HTTP/2: a deadline ends the stream whether something is written or not
	pending atomic.Bool   // the body of the request has not come to its end

	mu sync.Mutex // over writes: a timer flushes too
}

func newWriter(w http.ResponseWriter, r *http.Request, stall time.Duration) *writer {
	out := &writer{ResponseWriter: w, conn: http.NewResponseController(w), stall: stall, streams: r.ProtoMajor > 1}
	out.pending.Store(r.Body != nil && r.Body != http.NoBody)
	return out
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter. An answer without a Content-Type stays one:
// net/http would guess it.
func (w *writer) WriteHeader(status int) {
	if status >= http.StatusOK {
		h := w.Header()
		if _, ok := h["Content-Type"]; !ok {
			h["Content-Type"] = nil
		}
		if status < http.StatusMultipleChoices && !w.streams && w.pending.Load() {
			// The office answers while it reads. Otherwise net/http would drop the next 256 KiB of
			// the body, and then it does not notice at the end whether all was read.
			_ = w.conn.EnableFullDuplex()
			h.Set("Connection", "close")
		}
	} else {
		withoutVerdict(w.Header()) // the proxy gives no interim answers of its own
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beforeWrite()
	n, err := w.ResponseWriter.Write(p)
	w.afterWrite()
	return n, err
}

// FlushError is for http.ResponseController.
func (w *writer) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beforeWrite()
	err := w.conn.Flush()
	w.afterWrite()
	return err
}

func (w *writer) beforeWrite() {
	if w.stall > 0 {
		_ = w.conn.SetWriteDeadline(time.Now().Add(w.stall))
	}
}

func (w *writer) afterWrite() {
	if w.stall > 0 && w.streams {
		_ = w.conn.SetWriteDeadline(time.Time{})
	}
}

// beforeRead bounds the next read of the body.
func (w *writer) beforeRead() {
	if w.stall > 0 {
		_ = w.conn.SetReadDeadline(time.Now().Add(w.stall))
	}
}

// afterBody is called at the end of the body: from then on net/http reads, to notice that the
// client leaves, and a deadline would be taken for that.
func (w *writer) afterBody() {
	w.pending.Store(false)
	if w.stall > 0 {
		_ = w.conn.SetReadDeadline(time.Time{})
	}
}

// end bounds what net/http does after the handler: the last write, and the read of what is
// left of a body.
func (w *writer) end() {
	w.beforeWrite()
	if w.pending.Load() {
		w.beforeRead()
	}
}
