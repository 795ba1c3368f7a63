// Package lines writes a line for each request that a server has answered.
package lines

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Around returns serve, or with a writer one that writes a line to it for each request
// that was answered or dropped. Writes do not overlap.
func Around(to io.Writer, serve http.HandlerFunc) http.HandlerFunc {
	if to == nil {
		return serve
	}
	l := &lines{to: to}
	return func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &statusWriter{ResponseWriter: w}
		defer func() { l.line(r, seen.status, time.Since(began)) }() // also if the answer is aborted
		serve(seen, r)
	}
}

type lines struct {
	mu sync.Mutex
	to io.Writer
}

func (l *lines) line(r *http.Request, status int, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.to, "%s %s %s %d %s\n", time.Now().UTC().Format("15:04:05.000"), r.Method, r.URL.EscapedPath(), status, took.Round(time.Microsecond))
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
