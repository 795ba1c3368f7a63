package limit

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

// Standing is how long a token must have been in far to be taken, when too many before it did
// not work.
const Standing = 5 * time.Second

// Storm is what other programs did to a key lately.
type Storm struct {
	Deletions Limit
	Broken    Limit // tokens that were taken from far and did not work

	Postponed store.Token // deleted in far, and kept because there were too many deletions
	Taken     store.Token // from far
	TakenAt   time.Time
	Next      store.Token // is in far, and is not taken yet
	NextSince time.Time
	Warned    bool
}

// MayTake reports whether far's token may replace near's valid one, and whether it is the first
// one that may not. When too many before it did not work, it must have been in far for a while.
func (m *Storm) MayTake(now time.Time, near, tok store.Token) (may, first bool) {
	if m.Broken.Wait(now) <= 0 {
		m.Warned = m.Warned && !m.Broken.Quiet()
		if left := store.Remaining(now, tok.Expiry()); left < Window && left < store.Remaining(now, near.Expiry()) {
			m.Broken.Note(now) // a new one has to be fetched soon
		}
		return true, false
	}
	if !m.Next.Equal(tok) {
		m.NextSince = now
	} else if now.Sub(m.NextSince) >= Standing {
		return true, false
	}
	first, m.Warned = !m.Warned, true
	return false, first
}
