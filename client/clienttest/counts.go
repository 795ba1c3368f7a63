package clienttest

import "sync"

// Counts says what has reached a server so far. All numbers are of one instant.
type Counts struct {
	// TokenRequests is how many requests reached the token endpoint, whatever came
	// of them.
	TokenRequests int
	// TokensIssued is how many tokens were issued, those of Issue included.
	TokensIssued int
	// TokensRefused is how many token requests were refused as wrong. Failures that
	// were injected do not count.
	TokensRefused int
	// DiscoveryRequests is how many requests asked for the addresses of a Kanzlei,
	// whatever came of them.
	DiscoveryRequests int
	// APICalls is how many requests reached anything else, whatever came of them.
	APICalls int
	// Unauthorized is how many of these were answered with 401, injected or not.
	Unauthorized int
	// Faults is how many requests met a fault.
	Faults int
	// Connections is how many connections were accepted. Under concurrent requests
	// net/http may open more than it uses.
	Connections int
}

// Counts returns what has reached the server so far.
func (s *Server) Counts() Counts {
	s.counters.mu.Lock()
	defer s.counters.mu.Unlock()
	return s.counters.counts
}

type counters struct {
	mu     sync.Mutex
	counts Counts
}

func (c *counters) add(change func(*Counts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.counts)
}
