package client

import (
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/counter"
)

// Stats counts what a Client did since it was made.
type Stats struct {
	Calls        uint64  `json:"calls"`         // calls made, redirects and retries not counted again
	TokenHits    uint64  `json:"token_hits"`    // token lookups that did not wait for a token request
	TokenWaits   uint64  `json:"token_waits"`   // those that did, or failed
	HitRate      float64 `json:"hit_rate"`      // TokenHits of all lookups; 0 before the first
	TokenFetches uint64  `json:"token_fetches"` // token requests begun
	API401       uint64  `json:"api_401"`       // answers of the API with status 401
	StoreErrors  uint64  `json:"redis_errors"`  // failed operations of the far store
}

// counts are the counters of a Transport. Each call makes one lookup. Those of redirects and
// retries are counted in more as well, because they are rare: Stats.Calls is the difference.
type counts struct{ hits, waits, more, unauthorized counter.Counter }

func (c *counts) lookup(f token.Found, err error) {
	if err != nil || f.Waited {
		c.waits.Inc()
	} else {
		c.hits.Inc()
	}
}

// Stats returns the counts so far.
func (c *Client) Stats() Stats {
	n := &c.transport.counts
	more := n.more.Load() // before the lookups that they are part of
	s := Stats{
		TokenHits: n.hits.Load(), TokenWaits: n.waits.Load(), API401: n.unauthorized.Load(),
		TokenFetches: c.cfg.Source.Stats().Fetches,
	}
	if c.cfg.stores.Errors != nil {
		s.StoreErrors = c.cfg.stores.Errors()
	}
	lookups := s.TokenHits + s.TokenWaits
	s.Calls = lookups - min(more, lookups)
	if lookups > 0 {
		s.HitRate = float64(s.TokenHits) / float64(lookups)
	}
	return s
}
