package redis

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

// tombstoneTTL returns the TTL of the tombstone of tok in ms: until its expiry, and Margin
// more because clocks differ. It is 0 for a token that has expired.
func (s *Store) tombstoneTTL(now time.Time, tok store.Token) int64 {
	left := store.Remaining(now, tok.Expiry())
	if left <= 0 {
		return 0
	}
	return (min(left, s.cfg.Lifetime) + s.cfg.Margins.Margin + time.Millisecond).Milliseconds()
}
