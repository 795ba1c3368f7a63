package token

// Stats counts what a Source did since it was made.
type Stats struct {
	Fetches  uint64 // token requests begun
	Failures uint64 // of those, failed
	Rejects  uint64 // tokens that the API refused
}

type counters struct{ failures, rejects uint64 } // guarded by Source.mu

// Stats returns the counts so far.
func (s *Source) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{Fetches: s.fetches.Load(), Failures: s.counters.failures, Rejects: s.counters.rejects}
}
