package storetest

import (
	"errors"
	"testing"

	"github.com/advoware-go/advoware/store"
)

// RunShared tests what the store that c.New returns knows as a [store.Shared], which it
// must be, case by case. It does not try the rest of the store: Run does.
func RunShared(t *testing.T, c Config) { run(t, c, sharedPromises) }

var sharedPromises = []promise{
	{"LookThere", "Look finds the token there, whatever the caller had.", lookThere},
	{"LookAbsent", "Look of nothing is ErrNotFound, and not ErrDeleted for a token that nobody deleted.", lookAbsent},
	{"LookDeleted", "Look tells that a token was deleted, also after a later deletion of another one.", lookDeleted},
	{"RestoreIntoEmpty", "Restore stores a token where there is none.", restoreIntoEmpty},
	{"RestoreCompares", "Restore replaces the expected token, and no other one.", restoreCompares},
	{"RestoreDeleted", "Restore of a deleted token is ErrDeleted and changes nothing, whatever is there.", restoreDeleted},
	{"DeletedUnseen", "A token that was deleted while another one, or none, was there is not restored either.", deletedUnseen},
	{"SwapAfterDelete", "CompareAndSwap stores a deleted token again; then it may be restored.", swapAfterDelete},
}

func (s *subject) shared() store.Shared {
	s.Helper()
	shared, ok := s.store.(store.Shared)
	if !ok {
		s.Fatalf("%T is no store.Shared", s.store)
	}
	return shared
}

// look is a Look that must find want, or nothing if that is zero. It returns the error.
func (s *subject) look(had, want store.Token) error {
	s.Helper()
	got, _, err := s.shared().Look(s.Context(), s.key, had, store.UnknownLosses)
	if !got.Equal(want) || (err == nil) == want.IsZero() || err != nil && !errors.Is(err, store.ErrNotFound) {
		s.Errorf("Look(%v) = %v, error %v, want %v", had, got, err, want)
	}
	return err
}

// restore is a Restore after which stands must stand; the zero token means ErrDeleted.
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
		s.Errorf("Look for a token that nobody deleted: %v", err)
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
