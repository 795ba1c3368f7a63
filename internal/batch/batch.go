// Package batch says how many commands go to a server together.
//
// Too few, and a server that is far away has nothing to do most of the time; too many, and the
// last one has no answer when the time of all is up. How long the earlier ones took tells: the
// shortest of them was on the way, and what others took longer the server was busy, or this
// process.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package batch

import (
	"sync"
	"time"
)

const (
	// A batch becomes twice as large while a server is busy with one for less than a half of
	// slow, and half as large when it is for longer than slow. In between it stays. So one that
	// has grown is answered within a round trip and slow, and any within twice slow.
	slow = 100 * time.Millisecond

	// farthest is the longest round trip that is believed: a server that has been busy since it
	// is known seems to be far away.
	farthest = 100 * time.Millisecond

	// remembered is for how long the shortest exchange counts as the round trip. After that it is
	// measured again: the server may be another one, and farther away.
	remembered = time.Minute
)

// Size is how many go together. Make it with [New].
type Size struct {
	fewest, most int

	mu    sync.Mutex
	now   int
	trip  time.Duration // the shortest exchange
	since time.Time     // the first one of those; zero: there was none
}

// New returns a Size that is first until something is known, and between fewest and most.
func New(fewest, first, most int) *Size { return &Size{fewest: fewest, now: first, most: most} }

// Now returns how many go together now.
func (s *Size) Now() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Note notes that n commands were answered in an exchange that took so long. One without an
// answer shows no round trip: a connection that is refused is quick.
func (s *Size) Note(n int, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.since.IsZero() || now.Sub(s.since) > remembered {
		s.trip, s.since = farthest, now
	}
	if n > 0 {
		s.trip = min(s.trip, took)
	}
	switch busy := took - s.trip; {
	case busy > slow:
		s.now = max(s.fewest, s.now/2)
	case busy < slow/2 && n >= s.now:
		s.now = min(s.most, 2*s.now)
	}
}

// Time begins an exchange; the function that it returns notes how long it took.
func (s *Size) Time() (end func(n int)) {
	began := time.Now()
	return func(n int) { s.Note(n, time.Since(began)) }
}
