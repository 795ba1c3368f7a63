package office

import "sync"

// room counts what clients have written, so that an Office that runs for weeks does
// not grow for ever.
type room struct {
	mu          sync.Mutex
	rows, bytes int
}

// take reports whether there was room, and takes it. Either number may be negative.
func (r *room) take(rows, bytes int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rows > 0 && r.rows+rows > MaxWritten || bytes > 0 && r.bytes+bytes > MaxBytes {
		return false
	}
	r.rows += rows
	r.bytes += bytes
	return true
}
