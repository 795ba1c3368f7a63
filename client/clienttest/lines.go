package clienttest

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// lineLog writes a line for each request.
type lineLog struct {
	mu sync.Mutex
	to io.Writer // nil for none
}

// around returns serve, or one that logs what it did.
func (l *lineLog) around(serve http.HandlerFunc) http.HandlerFunc {
	if l.to == nil {
		return serve
	}
	return func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &statusWriter{ResponseWriter: w}
		defer func() { l.line(r, seen.status, time.Since(began)) }() // also if the answer is aborted
		serve(seen, r)
	}
}

func (l *lineLog) line(r *http.Request, status int, took time.Duration) {
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
