package tombstone_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/tombstone"
)

const key = "key"

// lives returns a token that ends after life.
func lives(t *testing.T, text string, life time.Duration) store.Token {
	t.Helper()
	now := time.Now()
	tok, err := store.NewToken(text, now, now.Add(life))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// texts are the tokens that have a tombstone.
func texts(s *tombstone.Set) (all []string) {
	for _, tok := range s.Of(key) {
		all = append(all, tok.Reveal())
	}
	return all
}

func TestDeletedIsForGood(t *testing.T) {
	s := tombstone.New(true)
	tok := lives(t, "tok", time.Hour)
	if s.Deleted(key, tok) {
		t.Error("deleted before")
	}
	s.Add(key, tok, false)
	if s.Deleted(key, tok) {
		t.Error("a token that was replaced counts as deleted")
	}
	s.Add(key, tok, true)
	s.Add(key, tok, false) // a replacement that is heard of late
	if !s.Deleted(key, tok) || s.Deleted("other", tok) || s.Deleted(key, lives(t, "other", time.Hour)) {
		t.Error("not the one that was deleted")
	}
	if got := texts(s); len(got) != 1 {
		t.Errorf("%v have a tombstone", got)
	}
	s.Remove(key, tok)
	if s.Deleted(key, tok) || len(texts(s)) != 0 {
		t.Error("removed in vain")
	}
}

func TestNoTokenHasNoTombstone(t *testing.T) {
	s := tombstone.New(false) // a lazy one would look through them at once
	defer s.Close()
	var none store.Token
	s.Add(key, none, true)
	if s.Deleted(key, none) {
		t.Error("no token was deleted")
	}
}

// A token that is back for the fourth time is wanted by another process; a deleted one never is.
func TestInsistsAfterThreeReturns(t *testing.T) {
	s := tombstone.New(true)
	replaced, deleted := lives(t, "replaced", time.Hour), lives(t, "deleted", time.Hour)
	s.Add(key, replaced, false)
	s.Add(key, deleted, true)
	for i := range 6 {
		if got := s.Insists(key, replaced); got != (i >= 3) {
			t.Errorf("return %d: %v", i+1, got)
		}
		if s.Insists(key, deleted) {
			t.Errorf("return %d of a deleted token", i+1)
		}
		if s.Insists("other", replaced) {
			t.Errorf("return %d to a key where it was not replaced", i+1)
		}
	}
}

// A key has sixteen, of which the oldest goes first.
func TestSixteenOfAKey(t *testing.T) {
	s := tombstone.New(true)
	var want []string
	for i := range 18 {
		text := fmt.Sprintf("tok-%d", i)
		s.Add(key, lives(t, text, time.Hour), true)
		if i >= 2 {
			want = append(want, text)
		}
	}
	if got := texts(s); !slices.Equal(got, want) {
		t.Errorf("%v have a tombstone; want %v", got, want)
	}
}

// Tokens that have ended have no tombstone, and take no place from others.
func TestWhatHasEndedIsForgotten(t *testing.T) {
	for name, lazy := range map[string]bool{"timer": false, "lazy": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tombstone.New(lazy)
				defer s.Close()
				long, short := lives(t, "long", time.Hour), lives(t, "short", 90*time.Second)
				s.Add(key, long, true)
				for i := range 15 {
					s.Add(key, lives(t, fmt.Sprintf("brief-%d", i), 2*time.Second), true)
				}
				if got := texts(s); len(got) != 16 {
					t.Errorf("%v", got)
				}
				time.Sleep(2 * time.Second)
				if got := texts(s); !slices.Equal(got, []string{"long"}) {
					t.Errorf("%v", got)
				}
				s.Add(key, short, true)
				if got := texts(s); !slices.Equal(got, []string{"long", "short"}) {
					t.Errorf("%v", got)
				}
				s.Add("other", short, true)
				time.Sleep(150 * time.Second)
				if lazy {
					s.Add("another", long, true) // looks at all, as a minute has passed
				}
				if s.Deleted(key, short) || s.Deleted("other", short) {
					t.Error("the tombstone of a token that has ended is kept")
				}
				if !s.Deleted(key, long) {
					t.Error("that of one that lives is not")
				}
			})
		})
	}
}

// Without timers, tombstones are looked through once a minute, not with each one that is added.
func TestLazyLooksOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tombstone.New(true)
		tok := lives(t, "tok", time.Second)
		s.Add("first", lives(t, "first", time.Hour), true)
		s.Add(key, tok, true)
		for range 58 {
			time.Sleep(time.Second)
			s.Add("first", lives(t, "again", 2*time.Second), true)
		}
		if !s.Deleted(key, tok) {
			t.Error("looked through before a minute had passed")
		}
		time.Sleep(3 * time.Minute)
		if !s.Deleted(key, tok) {
			t.Error("looked through by a timer")
		}
		s.Add("first", lives(t, "last", time.Hour), true)
		if s.Deleted(key, tok) {
			t.Error("not looked through after a minute")
		}
		s.Add(key, lives(t, "tok", time.Second), true)
		time.Sleep(time.Minute)
		s.Add("first", lives(t, "one-more", time.Hour), true)
		if s.Deleted(key, tok) {
			t.Error("not looked through after exactly a minute")
		}
	})
}

// A timer that nobody stops keeps a bubble from ending.
func TestCloseStopsTheTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tombstone.New(false)
		tok := lives(t, "tok", 10*time.Second)
		s.Add(key, tok, true)
		s.Close()
		s.Close()
		s.Add(key, lives(t, "late", 10*time.Second), true) // begins no other one
		time.Sleep(5 * time.Minute)
		if !s.Deleted(key, tok) {
			t.Error("looked through after Close")
		}

		unused := tombstone.New(false)
		unused.Close()
		unused.Add(key, tok, true)
		time.Sleep(5 * time.Minute)
		if !unused.Deleted(key, tok) {
			t.Error("a timer was begun after Close")
		}
	})
	var none *tombstone.Set
	none.Close()
}

// The race detector, or the runtime, ends the test if an operation takes no lock.
func TestAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tombstone.New(false)
		var toks []store.Token
		for i := range 4 {
			toks = append(toks, lives(t, fmt.Sprintf("tok-%d", i), 61*time.Second))
			s.Add(key, toks[i], false)
		}
		for round, do := range []func(store.Token){
			func(tok store.Token) { s.Add(key, tok, true) },
			func(tok store.Token) { s.Remove(key, tok) },
			func(tok store.Token) { s.Deleted(key, tok) },
			func(tok store.Token) { s.Insists(key, tok) },
			func(store.Token) { s.Of(key) },
		} {
			var all sync.WaitGroup
			for _, tok := range toks {
				s.Add(key, tok, false)
			}
			for i, tok := range toks {
				for range 2 {
					all.Go(func() { do(tok) })
				}
				all.Go(func() { s.Add(fmt.Sprintf("key-%d-%d", round, i), tok, false) })
			}
			all.Wait()
		}
		time.Sleep(time.Minute) // the timer is due now
		var all sync.WaitGroup
		for i, tok := range toks {
			all.Go(func() { s.Add(fmt.Sprintf("key-%d", i), tok, true) })
		}
		all.Go(s.Close)
		all.Wait()
	})
}
