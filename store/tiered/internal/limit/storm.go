package limit

import (
	"time"

	"github.com/advoware-go/advoware/store"
)

const (
	// Standing is how long a token must have been in far to be taken, when too many before it did
	// not work.
	Standing = 5 * time.Second

	// broken is how soon after it was taken from far a token is rejected if it never worked.
	broken = time.Second
)

// Storm is what other programs did to a key lately. A deletion in far, or a token there that does
// not work, costs the fleet a token request. A program that deletes or writes the key in a loop must
// not cause one each time: within a Window a process follows Burst such changes. After that it keeps
// its token.
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

// Delete returns how long it is until the deletion of a token may be followed, 0 if that is now.
// anew: this token was not postponed before; first: it is the first one of a storm that is postponed.
func (m *Storm) Delete(now time.Time, tok store.Token) (wait time.Duration, anew, first bool) {
	if wait = m.Deletions.Wait(now); wait <= 0 {
		m.Warned = m.Warned && !m.Deletions.Quiet()
		m.Deletions.Note(now)
		m.Postponed = store.Token{}
		return 0, false, false
	}
	anew, first = !m.Postponed.Equal(tok), !m.Warned
	m.Postponed, m.Warned = tok, true
	return wait, anew, first
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

// Take records that near took a token from far.
func (m *Storm) Take(now time.Time, tok store.Token) { m.Taken, m.TakenAt = tok, now }

// Reject records that a token does not work. One that was used for a while does not count: it may
// have been revoked.
func (m *Storm) Reject(now time.Time, tok store.Token) {
	if m.Taken.Equal(tok) && now.Sub(m.TakenAt) < broken && m.Broken.Wait(now) <= 0 {
		m.Broken.Note(now)
	}
}
