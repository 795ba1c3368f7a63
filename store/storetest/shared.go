package storetest

import (
	"errors"
	"testing"

	"github.com/advoware-go/advoware/store"
)

// RunShared tests the methods of [store.Shared], which the stores that c.New returns must
// implement. Run tests the rest.
func RunShared(t *testing.T, c Config) { run(t, c, sharedPromises) }

var sharedPromises = []promise{
	{"LookThere", "Look returns the token there, whatever had is.", lookThere},
	{"LookAbsent", "Look with no token there returns ErrNotFound, and not ErrDeleted if had was never deleted.", lookAbsent},
	{"LookDeleted", "Look returns ErrDeleted for a deleted token, also after a later deletion of another one.", lookDeleted},
	{"RestoreIntoEmpty", "Restore stores the token if there is none.", restoreIntoEmpty},
	{"RestoreCompares", "Restore replaces old, and no other token.", restoreCompares},
	{"RestoreDeleted", "Restore of a deleted token returns ErrDeleted and changes nothing, whatever is there.", restoreDeleted},
	{"DeletedUnseen", "A token that was deleted while another one, or none, was there is not restored either.", deletedUnseen},
	{"SwapAfterDelete", "CompareAndSwap stores a deleted token again, and removes its tombstone.", swapAfterDelete},
}

func (s *subject) shared() store.Shared {
	s.Helper()
	shared, ok := s.store.(store.Shared)
	if !ok {
		s.Fatalf("storetest: %T does not implement store.Shared", s.store)
	}
	return shared
}

// look calls Look, which must return want, or ErrNotFound if that is zero. It returns the
// error.
func (s *subject) look(had, want store.Token) error {
	s.Helper()
	got, _, err := s.shared().Look(s.Context(), s.key, had, store.UnknownLosses)
	if !got.Equal(want) || (err == nil) == want.IsZero() || err != nil && !errors.Is(err, store.ErrNotFound) {
		s.Errorf("Look(%v) = %v, error %v, want %v", had, got, err, want)
	}
	return err
}

// restore calls Restore, which must return stands, or ErrDeleted if that is zero.
func (s *subject) restore(old, tok, stands store.Token) {
	s.Helper()
	got, err := s.shared().Restore(s.Context(), s.key, old, tok)
	switch {
	case stands.IsZero() && !errors.Is(err, store.ErrDeleted):
		s.Errorf("Restore(%v, %v) = %v, error %v, want ErrDeleted", old, tok, got, err)
	case !stands.IsZero() && (err != nil || !got.Equal(stands)):
		s.Errorf("Restore(%v, %v) = %v, error %v, want %v", old, tok, got, err, stands)
	}
}

func lookThere(s *subject) {
	there := s.put()
	for _, had := range []store.Token{none, there, fresh(long)} {
		_ = s.look(had, there)
	}
}

func lookAbsent(s *subject) {
	for _, had := range []store.Token{none, fresh(long)} {
		if err := s.look(had, none); errors.Is(err, store.ErrDeleted) {
			s.Errorf("Look(%v): %v", had, err)
		}
	}
}

func lookDeleted(s *subject) {
	tok, another := s.put(), fresh(long)
	s.delete(tok)
	s.delete(another)
	for _, had := range []store.Token{tok, another} {
		if err := s.look(had, none); !errors.Is(err, store.ErrDeleted) {
			s.Errorf("Look(%v): %v, want ErrDeleted", had, err)
		}
	}
	if err := s.look(fresh(long), none); errors.Is(err, store.ErrDeleted) {
		s.Errorf("Look for a token that was never deleted: %v", err)
	}
}

func restoreIntoEmpty(s *subject) {
	for _, old := range []store.Token{none, fresh(long)} {
		tok := fresh(long)
		s.restore(old, tok, tok)
		s.holds(tok)
		s.delete(tok)
	}
}

func restoreCompares(s *subject) {
	there, tok := s.put(), fresh(long)
	s.restore(none, tok, there)
	s.restore(fresh(long), tok, there)
	s.holds(there)
	s.restore(there, tok, tok)
	s.holds(tok)
	s.restore(tok, tok, tok)
	s.holds(tok)
}

func restoreDeleted(s *subject) {
	tok := s.put()
	s.delete(tok)
	s.restore(none, tok, none)
	s.restore(tok, tok, none)
	s.holds(none)
	there := s.put()
	s.restore(there, tok, none)
	s.holds(there)
}

func deletedUnseen(s *subject) {
	before := fresh(long)
	s.delete(before)
	s.restore(none, before, none)
	there, another := s.put(), fresh(long)
	s.delete(another)
	s.restore(there, another, none)
	s.holds(there)
}

func swapAfterDelete(s *subject) {
	tok := s.put()
	s.delete(tok)
	s.swap(none, tok, tok)
	s.holds(tok)
	_ = s.look(tok, tok)
	next := fresh(long)
	s.swap(tok, next, next)
	s.restore(next, tok, tok)
	s.holds(tok)
}
