package tiered

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/limit"
)

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
	var wait time.Duration
	var anew, first bool
	s.with(key, func(w *watched) { wait, anew, first = w.storm.Delete(time.Now(), tok) })
	if anew {
		time.AfterFunc(wait, func() { s.look(key, pushed) })
	}
	if first {
		s.warnStorm("the token is deleted again and again", key)
	}
	return wait <= 0
}

// warnStorm logs that changes in far are not followed for now.
func (s *Store) warnStorm(what, key string) {
	s.cfg.Logger.Warn(s.cfg.FarName+": "+what+", keeping the one of this process for now",
		"key", key, "times", limit.Burst+1, "within", limit.Window.String())
}

// isPostponed reports whether the deletion of tok is known, and postponed.
func (s *Store) isPostponed(key string, tok store.Token) (is bool) {
	s.with(key, func(w *watched) { is = !tok.IsZero() && w.storm.Postponed.Equal(tok) })
	return is
}

// noteTaken records that near took tok from far.
func (s *Store) noteTaken(key string, tok store.Token) {
	s.with(key, func(w *watched) { w.storm.Take(time.Now(), tok) })
}

// noteRejected records that tok does not work.
func (s *Store) noteRejected(key string, tok store.Token) {
	s.with(key, func(w *watched) { w.storm.Reject(time.Now(), tok) })
}

// isStormy reports whether too many tokens from far did not work lately.
func (s *Store) isStormy(key string) (is bool) {
	s.with(key, func(w *watched) { is = w.storm.Broken.Wait(time.Now()) > 0 })
	return is
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
	may, first := w.storm.MayTake(time.Now(), near, tok)
	if !may && !w.storm.Next.Equal(tok) {
		w.storm.Next = tok
		time.AfterFunc(limit.Standing, func() { s.look(key, anyhow) })
	}
	s.mu.Unlock()
	if first {
		s.warnStorm("tokens that do not work are put there again and again", key)
	}
	return may
}
