package client

import (
	"log/slog"
	"time"

	"github.com/advoware-go/advoware/client/metric"
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

// LogValue is a group for slog, with the names that it has as JSON.
func (s Stats) LogValue() slog.Value {
	return slog.GroupValue(slog.Uint64("calls", s.Calls), slog.Uint64("token_hits", s.TokenHits), slog.Uint64("token_waits", s.TokenWaits),
		slog.Float64("hit_rate", s.HitRate), slog.Uint64("token_fetches", s.TokenFetches), slog.Uint64("api_401", s.API401), slog.Uint64("redis_errors", s.StoreErrors))
}

// Stats returns the counts so far.
func (c *Client) Stats() Stats {
	n, hits, waits := c.transport.counts.Load()
	s := Stats{Calls: n.Calls, TokenHits: hits, TokenWaits: waits, API401: n.Unauthorized, TokenFetches: c.source.Stats().Fetches}
	if c.stores.Errors != nil {
		s.StoreErrors = c.stores.Errors()
	}
	if hits+waits > 0 {
		s.HitRate = float64(hits) / float64(hits+waits)
	}
	return s
}

// Metrics returns what the table of package metric is read from. It costs about as much as
// Status, and may be asked at any moment.
func (c *Client) Metrics() metric.Snapshot {
	s := metric.Snapshot{At: time.Now(), Status: c.Status(), Token: c.source.Metrics()}
	s.Calls, _, _ = c.transport.counts.Load()
	if c.stores.Metrics != nil {
		s.Stores = c.stores.Metrics()
	}
	return s
}
