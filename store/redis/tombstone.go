package redis

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

// tombstoneKey returns the key that records the deletion of tok under key. Each token has one
// of its own, named by its digest, so that a later deletion does not overwrite it. The
// braces put it into the cluster slot of key.
func tombstoneKey(key string, tok store.Token) string {
	return "{" + key + "}:gone:" + tokenDigest.of(tok.Reveal())
}

// tombstoneTTL returns the TTL of the tombstone of tok in ms: until its expiry, and Margin
// more because clocks differ. It is 0 for a token that has expired.
func (s *Store) tombstoneTTL(now time.Time, tok store.Token) int64 {
	left := store.Remaining(now, tok.Expiry())
	if left <= 0 {
		return 0
	}
	return (min(left, s.cfg.Lifetime) + s.cfg.Margins.Margin + time.Millisecond).Milliseconds()
}
