package tiered

import "time"

// Stats are the counters of a Store since it was made.
type Stats struct {
	FarErrors     uint64 // failed far operations, including those that were too slow, and leases that came too late
	PendingWrites int    // keys with a pending write

	// FarDown reports whether far is left alone after a failure, and FarSince since when it
	// has been down or up: zero if there was no operation yet.
	FarDown  bool
	FarSince time.Time
}

// Stats returns the counts so far.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	far := s.far.Condition()
	return Stats{FarErrors: s.far.Errors(), PendingWrites: len(s.pending), FarDown: far.Down, FarSince: far.Since}
}

// Pending reports whether what this process knows of the token under key has still to be
// written to far.
func (s *Store) Pending(key string) bool { return s.pendingFor(key) != nil }
