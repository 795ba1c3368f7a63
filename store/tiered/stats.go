package tiered

// Stats are the counters of a Store since it was made.
type Stats struct {
	FarErrors     uint64 // failed far operations, including those that were too slow
	PendingWrites int    // keys with a pending write
}

// Stats returns the counts so far.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{FarErrors: s.far.Errors(), PendingWrites: len(s.pending)}
}
