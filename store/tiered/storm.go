package tiered

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A deletion in far, or a token there that does not work, costs the fleet a token request. A
// program that deletes or writes the key in a loop must not cause one each time: within a
// stormWindow a process follows stormBurst such changes. After that it keeps its token.
const (
	stormBurst  = 3
	stormWindow = time.Minute

	// brokenWithin is how soon after it was taken from far a token is rejected if it never worked.
	brokenWithin = time.Second

	// standing is how long a token must have been in far to be taken, when too many before it
	// did not work.
	standing = 5 * time.Second
)

// storm is what other programs did to a key lately; guarded by Store.mu.
type storm struct {
	deletions limit
	broken    limit // tokens that were taken from far and did not work

	postponed store.Token // deleted in far, and kept because there were too many deletions
	taken     store.Token // from far
	takenAt   time.Time
	next      store.Token // is in far, and is not taken yet
	nextSince time.Time
	warned    bool
}

// limit has the times of the events within the last stormWindow.
type limit struct{ times []time.Time }

// wait returns how long it is until the limit allows one more event, 0 if it does.
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

// deletedInFar removes a token from near that was deleted in far. After too many deletions
// that is postponed: the token serves until the limit allows another one, and is not written
// back.
func (s *Store) deletedInFar(key string, tok store.Token) error {
	if !s.believesDeletion(key, tok) {
		return nil
	}
	return s.compareAndDelete(context.Background(), key, tok) // in far too, so that no process restores it
}

// believesDeletion reports whether the deletion of tok is to be followed now. If not, it
// plans a look at far for when it is.
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

// warnStorm logs that changes in far are not followed for now.
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

// noteTaken records that near took tok from far.
func (s *Store) noteTaken(key string, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.watched[key]; w != nil {
		w.storm.taken, w.storm.takenAt = tok, time.Now()
	}
}

// noteRejected records that tok does not work. One that was used for a while does not count:
// it may have been revoked.
func (s *Store) noteRejected(key string, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, now := s.watched[key], time.Now()
	if w != nil && w.storm.taken.Equal(tok) && now.Sub(w.storm.takenAt) < brokenWithin && w.storm.broken.wait(now) <= 0 {
		w.storm.broken.note(now)
	}
}

// isStormy reports whether too many tokens from far did not work lately.
func (s *Store) isStormy(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[key]
	return w != nil && w.storm.broken.wait(time.Now()) > 0
}

// mayTake reports whether far's token may replace near's valid one. When too many before it
// did not work, it must have been in far for a while.
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
