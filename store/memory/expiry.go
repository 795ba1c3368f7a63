package memory

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

// maxTTL bounds how far ahead a deadline is: 36 years, so that no sum overflows. A token
// that is still valid then gets another deadline.
const maxTTL time.Duration = 1 << 60

// deadline returns when tok ends, as the time since start. Deadlines are on one clock that
// does not jump, so that their order holds whatever the wall clock does.
func (s *Store) deadline(tok store.Token, now time.Time) time.Duration {
	return now.Sub(s.start) + min(store.Remaining(now, tok.Expiry()), maxTTL)
}

// resetTimer sets the timer to the first deadline, and stops it if there is none.
func (s *Store) resetTimer(now time.Time) {
	if len(s.expiries) == 0 {
		if s.timer != nil {
			s.timer.Stop()
		}
		return
	}
	wait := s.expiries[0].deadline - now.Sub(s.start)
	if s.timer == nil {
		s.timer = time.AfterFunc(wait, s.expire)
	} else {
		s.timer.Reset(wait)
	}
}

// expire removes all tokens whose deadline has come, on the timer's goroutine.
func (s *Store) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.expiries) > 0 && s.expiries[0].deadline <= now.Sub(s.start) {
		e := s.expiries[0]
		if tok := e.tok.Load(); tok.ValidAt(now) { // the wall clock was set back
			e.deadline = s.deadline(tok, now)
			s.expiries.moved(e)
			continue
		}
		s.remove(e)
		s.policy.remove(e)
		s.stats.Expired++
	}
	s.resetTimer(now)
}
