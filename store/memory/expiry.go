package memory

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

// farthest is how far ahead a deadline is, at most: 36 years, so that no sum
// overflows. What is still valid then gets another one.
const farthest time.Duration = 1 << 60

// due tells when tok ends, as the time since start: one clock that does not jump,
// so that the deadlines are in one order whatever the wall clock does.
func (s *Store) due(tok store.Token, now time.Time) time.Duration {
	return now.Sub(s.start) + min(store.Remaining(now, tok.Expiry()), farthest)
}

// arm sets the timer to the first deadline, and stops it if there is none.
func (s *Store) arm(now time.Time) {
	if len(s.ends) == 0 {
		if s.timer != nil {
			s.timer.Stop()
		}
		return
	}
	wait := s.ends[0].due - now.Sub(s.start)
	if s.timer == nil {
		s.timer = time.AfterFunc(wait, s.expire)
	} else {
		s.timer.Reset(wait)
	}
}

// expire ends the tokens that are due, on the timer's goroutine.
func (s *Store) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.ends) > 0 && s.ends[0].due <= now.Sub(s.start) {
		e := s.ends[0]
		if tok := e.tok.Load(); tok.ValidAt(now) { // the wall clock was set back
			e.due = s.due(tok, now)
			s.ends.moved(e)
			continue
		}
		s.remove(e)
		s.policy.forget(e)
		s.stats.Expired++
	}
	s.arm(now)
}
