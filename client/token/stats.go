package token

import "github.com/advoware-go/advoware/client/metric"

// Stats counts what a Source did since it was made. What Sources that share a Fetcher do
// for each other is counted by the one that does it.
type Stats struct {
	Fetches  uint64 // token requests begun
	Failures uint64 // of those, failed
	Rejects  uint64 // tokens that the API refused
}

// Stats returns the counts so far.
func (s *Source) Stats() Stats {
	return Stats{Fetches: s.count.Fetches.Load(), Failures: s.count.Failures.Load(), Rejects: s.count.Rejects.Load()}
}

// Metrics returns what the table of package metric has of a Source.
func (s *Source) Metrics() metric.Token { return s.count.Load() }
