package e2etest

import (
	"bytes"
	"strings"
	"sync"
)

// Records is a log that can be read. The zero value is ready for use.
type Records struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (r *Records) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

// String returns what was written so far.
func (r *Records) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// Lines returns the lines so far that contain text.
func (r *Records) Lines(text string) (found []string) {
	for line := range strings.Lines(r.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}
