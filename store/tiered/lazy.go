package tiered

import "time"

// mayFlush reports whether there are pending writes, and the breaker may allow one again. It does
// so for one hit at a time.
func (s *Store) mayFlush() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 || s.closed || time.Now().Before(s.flushFrom) {
		return false
	}
	s.flushFrom = time.Now().Add(s.cfg.BreakerTimeout + time.Millisecond)
	return true
}
