package redis

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

// tombstoneKey returns the key that says that tok was removed under key. There is one
// for each token, named by its digest, so that a later deletion does not hide it; the
// braces put it into the cluster slot of key itself.
func tombstoneKey(key string, tok store.Token) string {
	return "{" + key + "}:gone:" + tokenDigest.of(tok.Reveal())
}

// tombstoneTTL returns for how long it must be known that tok was removed, in ms: until
// nobody uses it any more, whatever differs between the clocks; 0 for one that has ended.
func (s *Store) tombstoneTTL(now time.Time, tok store.Token) int64 {
	left := store.Remaining(now, tok.Expiry())
	if left <= 0 {
		return 0
	}
	return (min(left, s.cfg.Lifetime) + s.cfg.Margins.Margin + time.Millisecond).Milliseconds()
}
