// Package limit says how often something may happen.
//
// A Limit is for one goroutine at a time.
package limit

import "time"

// Limit has the times of the events within its last Window, of which there may be Burst.
type Limit struct{ times []time.Time }

const (
	Burst  = 3
	Window = time.Minute
)

// Wait returns how long it is until one more event is allowed, 0 if it is now.
func (l *Limit) Wait(now time.Time) time.Duration {
	for len(l.times) > 0 && now.Sub(l.times[0]) >= Window {
		l.times = l.times[1:]
	}
	if len(l.times) < Burst {
		return 0
	}
	return l.times[0].Add(Window).Sub(now)
}

// Note notes an event.
func (l *Limit) Note(now time.Time) { l.times = append(l.times, now) }

// Quiet reports whether there was none in the Window before the last Wait.
func (l *Limit) Quiet() bool { return len(l.times) == 0 }
