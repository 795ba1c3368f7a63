package redis

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/rediskey"
	"github.com/advoware-go/advoware/store"
)

const (
	// The form of Python's datetime.isoformat() for a naive UTC time: microseconds,
	// or no fraction at all when they are zero.
	isoSeconds = "2006-01-02T15:04:05"
	isoMicros  = isoSeconds + ".000000"

	maxTimestamp = 64 // bytes worth reading

	// writtenWithin is how long after a token its timestamp is written at most.
	writtenWithin = 2 * time.Second
)

func formatTimestamp(t time.Time) string {
	if t = t.UTC().Truncate(time.Microsecond); t.Nanosecond() == 0 {
		return t.Format(isoSeconds)
	}
	return t.Format(isoMicros)
}

// issuedAt returns the instant in a timestamp key, zero if it does not belong to a token with
// this TTL, and how long the token lasts from now on at most. The two keys are written one
// after the other, so that one may be older or newer than the other.
//
// Two that belong together were written with a TTL of the full shared life. The age of the
// token and the rest of its TTL add up to that, within Margin for the fetch and for the
// clocks of two machines. Both keys end at the same time, if the timestamp has a TTL. If the
// TTL of the token is longer than any that is written with a timestamp, the timestamp is
// only a lower bound for the age of the token.
func issuedAt(stamp string, now time.Time, ttl, stampTTL time.Duration, cfg Config) (time.Time, time.Duration) {
	longest := cfg.Margins.Life(cfg.Lifetime)
	t, err := time.Parse(isoSeconds, stamp) // takes any fraction
	if err != nil {
		return time.Time{}, longest
	}
	age := now.Sub(t)
	switch {
	case ttl > cfg.sharedLife()+cfg.Margins.Margin:
		return time.Time{}, longest - max(age, 0)
	case (age + ttl - cfg.sharedLife()).Abs() > cfg.Margins.Margin, stampTTL >= 0 && (stampTTL-ttl).Abs() > writtenWithin:
		return time.Time{}, longest
	}
	return earlier(t, now), longest - max(age, 0)
}

// writeTimestamp writes the timestamp of a token that was just written, where one script
// cannot write both. An error is only logged, as readers do without the timestamp.
func (s *Store) writeTimestamp(ctx context.Context, key string, tok store.Token) {
	ttl := s.ttl(time.Now(), tok)
	if ttl == 0 || tok.IssuedAt().IsZero() {
		return
	}
	_, err := call(ctx, s, func(ctx context.Context) (string, error) {
		return s.cfg.Client.Set(ctx, rediskey.Timestamp(key), formatTimestamp(tok.IssuedAt()), ttl).Result()
	})
	if err != nil {
		s.cfg.Logger.Debug("store/redis: the timestamp was not written", "key", rediskey.Timestamp(key), "error", err)
	}
}
