package storetest

import "github.com/advoware-go/advoware/store"

func expiry(s *subject) {
	near := func(got, want store.Token) {
		s.Helper()
		if d := got.Expiry().Sub(want.Expiry()).Abs(); d > s.tolerance {
			s.Errorf("Expiry is %v, want %v: off by %v, more than %v", got.Expiry(), want.Expiry(), d, s.tolerance)
		}
	}
	tok := fresh(long / 2)
	s.swap(none, tok, tok)
	near(s.holds(tok), tok)
	longer := token(tok.Reveal(), long)
	stands, err := s.store.CompareAndSwap(s.Context(), s.key, tok, longer)
	if err != nil {
		s.Fatalf("CompareAndSwap for a copy that lives longer: %v", err)
	}
	near(stands, longer)
	near(s.holds(longer), longer)
	shorter := token(tok.Reveal(), long/2)
	s.swap(longer, shorter, shorter)
	near(s.holds(shorter), shorter)
}

func ends(s *subject) {
	tok := fresh(s.lifetime)
	s.swap(none, tok, tok)
	s.holds(tok)
	s.pass()
	s.holds(none)
}

func swapAfterEnd(s *subject) {
	for _, old := range []store.Token{none, fresh(long)} {
		ended, tok := fresh(s.lifetime), fresh(long)
		s.swap(none, ended, ended)
		s.pass()
		s.swap(old, tok, tok)
		s.holds(tok)
		s.delete(ended) // late
		s.holds(tok)
		s.delete(tok)
	}
}

func renewedInTime(s *subject) {
	old, tok := fresh(s.lifetime), fresh(long)
	s.swap(none, old, old)
	s.swap(old, tok, tok)
	s.pass()
	s.holds(tok)
	s.delete(tok)

	// The same with a miss in between.
	old = fresh(s.lifetime)
	s.swap(none, old, old)
	s.delete(old)
	s.swap(none, tok, tok)
	s.pass()
	s.holds(tok)
}
