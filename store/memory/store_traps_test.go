package memory_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Each test in this file is for one trap of ristretto: what a store breaks that uses it
// in the obvious way.

// A new key is there at once, thousands in a row, also in a full store. Fails without Wait
// in probation.push: ristretto's Set is asynchronous.
func TestThereAtOnce(t *testing.T) {
	for _, full := range []bool{false, true} {
		s, before := open(t, 0), 0
		if full {
			s, before = open(t, 100), 100
			fill(t, s, "before", before, time.Hour)
		}
		for i := range 5000 {
			key, tok := fmt.Sprint("key", i), token(fmt.Sprint("tok", i), time.Hour)
			swap(t, s, key, none, tok, tok)
			holds(t, s, key, tok)
		}
		if got := s.Stats(); got.Tokens+int(got.Evicted) != before+5000 || got.Rejected != 0 {
			t.Errorf("full: %t: Stats = %+v, want each new key admitted", full, got)
		}
	}
}

// A renewal right after the first token always ends with the new one. Fails if
// tokens instead of entries are what ristretto holds: the first write wins while
// it is buffered. Here that is "e.tok.Store(tok)" of CompareAndSwap.
func TestRenewalAtOnce(t *testing.T) {
	s := open(t, 0)
	for i := range 5000 {
		key := fmt.Sprint("key", i)
		old, tok := token(fmt.Sprint("old", i), time.Hour), token(fmt.Sprint("new", i), time.Hour)
		swap(t, s, key, none, old, old)
		swap(t, s, key, old, tok, tok)
		holds(t, s, key, tok)
	}
	for i := range 5000 {
		if tok, err := s.Get(t.Context(), fmt.Sprint("key", i)); tok.Reveal() != fmt.Sprint("new", i) {
			t.Fatalf("key %d ended with %q, %v", i, tok.Reveal(), err)
		}
	}
}

// A store for few keys keeps as many, and admits new ones when it is full. Fails without
// IgnoreInternalCost: then ristretto rejects every new key of a store whose probation
// queue is shorter than 57.
func TestSmallCapacities(t *testing.T) {
	for _, capacity := range []int{1, 2, 10, 56, 57, 100, 2000} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			s := open(t, capacity)
			toks := fill(t, s, "key", capacity, time.Hour)
			for i, tok := range toks {
				holds(t, s, fmt.Sprint("key", i), tok)
			}
			if got := s.Stats().Tokens; got != capacity {
				t.Errorf("Tokens = %d, want %d", got, capacity)
			}
			fill(t, s, "new", 2*capacity, time.Hour)
			tok := token("last", time.Hour)
			swap(t, s, "last", none, tok, tok)
			holds(t, s, "last", tok)
			if got, want := s.Stats(), uint64(2*capacity+1); got.Tokens != capacity || got.Evicted+got.Rejected != want {
				t.Errorf("Stats = %+v, want %d tokens, %d evicted or rejected", got, capacity, want)
			}
		})
	}
}

// fill stores tokens for n identities, whether they are kept or not.
func fill(t testing.TB, s store.Store, prefix string, n int, life time.Duration) []store.Token {
	t.Helper()
	toks := make([]store.Token, n)
	for i := range toks {
		toks[i] = token(fmt.Sprint(prefix, "-tok", i), life)
		swap(t, s, fmt.Sprint(prefix, i), none, toks[i], toks[i])
	}
	return toks
}

// With more keys than fit, every write succeeds, a read finds the right token or none (also
// for the key written last), never more are kept than fit, and every new key is kept,
// evicted or rejected. Fails if Store.add keeps an entry that is rejected.
func TestOverCapacity(t *testing.T) {
	const capacity, identities = 20, 400
	s := open(t, capacity)
	toks := make([]store.Token, identities)
	newcomers := 0
	for round := range 3 {
		for i := range toks {
			key, old := fmt.Sprint("key", i), toks[i]
			toks[i] = token(fmt.Sprint("tok", i, "-", round), time.Hour)
			if _, err := s.Get(t.Context(), key); err != nil {
				newcomers++
			}
			swap(t, s, key, old, toks[i], toks[i])
			if got, err := s.Get(t.Context(), key); err == nil && got != toks[i] {
				t.Fatalf("Get(%q) = %v, want %v", key, got, toks[i])
			}
			if n := s.Stats().Tokens; n > capacity {
				t.Fatalf("%d are kept, want at most %d", n, capacity)
			}
		}
	}
	kept := 0
	for i, tok := range toks {
		got, err := s.Get(t.Context(), fmt.Sprint("key", i))
		if err == nil {
			kept++
		}
		if err == nil && got != tok {
			t.Errorf("key %d has %v, want %v", i, got, tok)
		}
	}
	st := s.Stats()
	if kept != capacity || st.Tokens != capacity {
		t.Errorf("%d found, %d counted, want %d", kept, st.Tokens, capacity)
	}
	if got := capacity + int(st.Evicted) + int(st.Rejected); got != newcomers {
		t.Errorf("%d are in and %+v, want %d together", capacity, st, newcomers)
	}
}

// A key that was deleted or has expired frees its place at once. Fails without
// policy.remove in CompareAndDelete or in expireBatch.
func TestPlacesAreFreed(t *testing.T) {
	leave := map[string]func(t *testing.T, s store.Store, toks []store.Token){
		"delete": func(t *testing.T, s store.Store, toks []store.Token) {
			for i, tok := range toks {
				if err := s.CompareAndDelete(t.Context(), fmt.Sprint("key", i), tok); err != nil {
					t.Fatal(err)
				}
			}
		},
		"expiry": func(t *testing.T, _ store.Store, _ []store.Token) {
			time.Sleep(time.Minute)
			synctest.Wait()
		},
	}
	for name, leave := range leave {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const capacity = 10
				s := open(t, capacity)
				for range 300 { // the same keys come and go, and are accessed most
					leave(t, s, fill(t, s, "key", capacity, time.Minute))
					if got := s.Stats().Tokens; got != 0 {
						t.Fatalf("%d are left", got)
					}
				}
				for i, tok := range fill(t, s, "new", capacity, time.Hour) {
					holds(t, s, fmt.Sprint("new", i), tok)
				}
				if st := s.Stats(); st.Evicted+st.Rejected != 0 || st.Tokens != capacity {
					t.Errorf("Stats = %+v, want all kept", st)
				}
				fill(t, s, "more", 10*capacity, time.Hour)
				if got := s.Stats().Tokens; got != capacity {
					t.Errorf("Tokens = %d, want %d", got, capacity)
				}
			})
		})
	}
}

// A late delete of an old token never removes the new one, in whatever order they come.
// Fails without the compare in CompareAndDelete: ristretto's Del does not compare.
func TestLateDelete(t *testing.T) {
	s := open(t, 0)
	for i := range 2000 {
		key := fmt.Sprint("key", i)
		old, tok := token(fmt.Sprint("old", i), time.Hour), token(fmt.Sprint("new", i), time.Hour)
		swap(t, s, key, none, old, old)
		var group sync.WaitGroup
		group.Go(func() { s.CompareAndDelete(t.Context(), key, old) })
		group.Go(func() { s.CompareAndSwap(t.Context(), key, old, tok) })
		group.Wait()
		holds(t, s, key, tok)
	}
}

// Keys are added, renewed, deleted and evicted by many goroutines at once: a read gets a
// token of its key or a miss, and at the end the parts of the store agree.
func TestManyAtOnce(t *testing.T) {
	const capacity, identities = 50, 80
	s := open(t, capacity)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 2000 {
				id := (i*7 + g*13) % identities
				key := fmt.Sprint("key", id)
				old, err := s.Get(t.Context(), key)
				if err == nil && old.Reveal() != key {
					t.Errorf("Get(%q) = %q", key, old.Reveal())
				}
				if i%5 == 0 {
					s.CompareAndDelete(t.Context(), key, old)
				} else if _, err := s.CompareAndSwap(t.Context(), key, old, token(key, time.Hour)); err != nil {
					t.Errorf("CompareAndSwap: %v", err)
				}
			}
		})
	}
	group.Wait()
	found := 0
	for id := range identities {
		if _, err := s.Get(t.Context(), fmt.Sprint("key", id)); err == nil {
			found++
		}
	}
	if got := s.Stats().Tokens; got != found || got > capacity {
		t.Errorf("Tokens = %d, found %d, capacity %d", got, found, capacity)
	}
	fill(t, s, "new", 20*capacity, time.Hour)
	if got := s.Stats().Tokens; got != capacity {
		t.Errorf("Tokens after many more = %d, want %d", got, capacity)
	}
}
