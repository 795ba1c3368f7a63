package tiered

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A deletion in far, or a token there that does not work, costs the fleet a token request.
// Somebody who deletes or writes the key in a loop must not keep the gateway busy: within a
// stormWindow a process loses its token to others stormBurst times. After that it keeps the
// token that it has.
const (
	stormBurst  = 3
	stormWindow = time.Minute

	// brokenWithin is how soon after it was taken a token is rejected that never worked.
	brokenWithin = time.Second

	// standing is how long a token must have stood in far to be taken when too many before
	// it did not work.
	standing = 5 * time.Second
)

// storm is what others did to a key lately; guarded by Store.mu.
type storm struct {
	deletions limit
	broken    limit // tokens that were taken from far and did not work

	postponed store.Token // deleted in far, and kept because there were too many deletions
	taken     store.Token // from far
	takenAt   time.Time
	next      store.Token // stands in far, and is not taken yet
	nextSince time.Time
	warned    bool
}

// limit counts what happened within the last stormWindow.
type limit struct{ times []time.Time }

// wait returns how long it is until there is room for one more, 0 if there is.
func (l *limit) wait(now time.Time) time.Duration {
	for len(l.times) > 0 && now.Sub(l.times[0]) >= stormWindow {
		l.times = l.times[1:]
	}
	if len(l.times) < stormBurst {
		return 0
	}
	return l.times[0].Add(stormWindow).Sub(now)
}

func (l *limit) note(now time.Time) { l.times = append(l.times, now) }

// deletedInFar removes a token from near that somebody has deleted in far. After too many
// deletions that is postponed: the token serves until there is room for another one, and
// is not written back.
func (s *Store) deletedInFar(key string, tok store.Token) error {
	if !s.believesDeletion(key, tok) {
		return nil
	}
	return s.compareAndDelete(context.Background(), key, tok) // so that nobody puts it back
}

// believesDeletion reports whether the deletion of tok is to be followed now. If not, it
// sees to it that there is another look in time.
func (s *Store) believesDeletion(key string, tok store.Token) bool {
	s.mu.Lock()
	w := s.watched[key]
	if w == nil {
		s.mu.Unlock()
		return true
	}
	now, storm := time.Now(), &w.storm
	wait := storm.deletions.wait(now)
	if wait <= 0 {
		storm.warned = storm.warned && len(storm.deletions.times) > 0
		storm.deletions.note(now)
		storm.postponed = store.Token{}
		s.mu.Unlock()
		return true
	}
	if !storm.postponed.Equal(tok) {
		storm.postponed = tok
		time.AfterFunc(wait, func() { s.look(key, pushed) })
	}
	first := !storm.warned
	storm.warned = true
	s.mu.Unlock()
	if first {
		s.warnStorm("the token is deleted again and again", key)
	}
	return false
}

// warnStorm says once that others are being disregarded.
func (s *Store) warnStorm(what, key string) {
	s.cfg.Logger.Warn(s.cfg.FarName+": "+what+", keeping the one of this process for now",
		"key", key, "times", stormBurst+1, "within", stormWindow.String())
}

// isPostponed reports whether the deletion of tok is known, and postponed.
func (s *Store) isPostponed(key string, tok store.Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[key]
	return w != nil && !tok.IsZero() && w.storm.postponed.Equal(tok)
}

// noteTaken notes that near took tok from far.
func (s *Store) noteTaken(key string, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.watched[key]; w != nil {
		w.storm.taken, w.storm.takenAt = tok, time.Now()
	}
}

// noteRejected notes that tok was found not to work. One that worked for a while says
// nothing: it may have been revoked.
func (s *Store) noteRejected(key string, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, now := s.watched[key], time.Now()
	if w != nil && w.storm.taken.Equal(tok) && now.Sub(w.storm.takenAt) < brokenWithin && w.storm.broken.wait(now) <= 0 {
		w.storm.broken.note(now)
	}
}

// isStormy reports whether too many tokens of far did not work lately.
func (s *Store) isStormy(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[key]
	return w != nil && w.storm.broken.wait(time.Now()) > 0
}

// mayTake reports whether far's token may take the place of near's valid one. When too
// many before it did not work, it must have stood for a while.
func (s *Store) mayTake(key string, near, tok store.Token) bool {
	s.mu.Lock()
	w := s.watched[key]
	if w == nil {
		s.mu.Unlock()
		return true
	}
	may, first := w.storm.mayTake(time.Now(), near, tok)
	if !may && !w.storm.next.Equal(tok) {
		w.storm.next = tok
		time.AfterFunc(standing, func() { s.look(key, anyhow) })
	}
	s.mu.Unlock()
	if first {
		s.warnStorm("tokens that do not work are put there again and again", key)
	}
	return may
}

func (m *storm) mayTake(now time.Time, near, tok store.Token) (may, first bool) {
	if m.broken.wait(now) <= 0 {
		m.warned = m.warned && len(m.broken.times) > 0
		if left := store.Remaining(now, tok.Expiry()); left < stormWindow && left < store.Remaining(now, near.Expiry()) {
			m.broken.note(now) // a new one has to be fetched soon
		}
		return true, false
	}
	if !m.next.Equal(tok) {
		m.nextSince = now
	} else if now.Sub(m.nextSince) >= standing {
		return true, false
	}
	first, m.warned = !m.warned, true
	return false, first
}
