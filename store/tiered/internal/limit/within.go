package limit

import "time"

// Within counts what is done within a time.
type Within struct {
	n     int
	since time.Time
}

// Take reports whether it may be done once more, and counts it: within d of the first time that
// is allowed most times.
func (w *Within) Take(now time.Time, d time.Duration, most int) bool {
	if now.Sub(w.since) >= d {
		w.since, w.n = now, 0
	}
	if w.n >= most {
		return false
	}
	w.n++
	return true
}
