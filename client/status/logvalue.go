package status

import (
	"log/slog"

	"github.com/advoware-go/advoware/internal/logvalue"
)

// LogValue is a group for slog, with the names that it has as JSON.
func (t Token) LogValue() slog.Value { return logvalue.Group(t.pairs()...) }

func (t Token) pairs() []any {
	pairs := []any{
		"state", string(t.State), "token", t.Fingerprint, "expiry", t.Expiry, "renewal", t.Renewal, "fetched", t.Fetched,
		"lease", t.Lease,
	}
	if t.Failure != nil {
		pairs = append(pairs, "failure", *t.Failure)
	}
	return pairs
}

// LogValue is a group for slog, with the names that it has as JSON.
func (f Failure) LogValue() slog.Value {
	return logvalue.Group("at", f.At, "refused", f.Refused, "reason", f.Reason, "next_attempt", f.NextAttempt)
}

// LogValue is a group for slog, with the names that it has as JSON.
func (c Client) LogValue() slog.Value {
	pairs := append(c.pairs(), "near", c.Near, "far", string(c.Far), "discovered", c.Discovered)
	if c.Redis != nil {
		pairs = append(pairs, "redis", logvalue.Group("up", c.Redis.Up, "since", c.Redis.Since, "pending_writes", c.Redis.PendingWrites))
	}
	return logvalue.Group(pairs...)
}
