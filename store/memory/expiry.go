package memory

import (
	"runtime"
	"time"

	"github.com/advoware-go/advoware/store"
)

const (
	// maxTTL bounds how far ahead a deadline is: 36 years, so that no sum overflows. A token
	// that is still valid then gets another deadline.
	maxTTL time.Duration = 1 << 60

	// expiryBatch is how many tokens that ended together are removed before writers get
	// their turn.
	expiryBatch = 64
)

// deadline returns when tok ends, as the time since start. Deadlines are on one clock that
// does not jump, so that their order holds whatever the wall clock does.
func (s *Store) deadline(tok store.Token, now time.Time) time.Duration {
	return now.Sub(s.start) + min(store.Remaining(now, tok.Expiry()), maxTTL)
}

// resetTimer sets the timer to the first deadline, and stops it if there is none.
func (s *Store) resetTimer(now time.Time) {
	if s.expiring {
		return // expire does it when it is done
	}
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
	for s.expireBatch() {
		runtime.Gosched() // to a writer that Unlock has woken
	}
}

// expireBatch removes some of them, and reports whether there may be more.
func (s *Store) expireBatch() (more bool) {
	s.mu.Lock()
	defer s.unlock()
	now := time.Now()
	for range expiryBatch {
		if len(s.expiries) == 0 || s.expiries[0].deadline > now.Sub(s.start) {
			s.expiring = false
			s.resetTimer(now)
			return false
		}
		e := s.expiries[0]
		if tok := e.Load(); tok.ValidAt(now) { // the wall clock was set back
			e.deadline = s.deadline(tok, now)
			s.expiries.moved(e)
			continue
		}
		s.remove(e)
		s.policy.remove(e)
		s.stats.Expired++
	}
	s.expiring = true
	return true
}
