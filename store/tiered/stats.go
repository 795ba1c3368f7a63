package tiered

// Stats counts what a Store did since it was made.
type Stats struct {
	FarErrors     uint64 // failed far operations, those that were too slow included
	PendingWrites int    // keys that far has not been told of yet
}

// Stats returns the counts so far.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{FarErrors: s.health.errors.Load(), PendingWrites: len(s.pending)}
}
