package tiered_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// fetched puts a new token under the key, as a Source does that finds none.
func fetched(t *testing.T, r *rig, text string) store.Token {
	t.Helper()
	tok := newToken(t, text, time.Hour)
	swap(t, r, store.Token{}, tok)
	return tok
}

// deleteInFar is a DEL of somebody else's, and the push that tells of it.
func deleteInFar(t *testing.T, r *rig, tok store.Token) {
	t.Helper()
	if err := r.far.Map.CompareAndDelete(t.Context(), key, tok); err != nil {
		t.Fatal(err)
	}
	r.watch.push(false)
}

// Deletions in a loop cost three tokens a minute. The token that is kept serves until there
// is room for another deletion, and is not written back whatever happens meanwhile.
func TestStormOfDeletions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tok := newToken(t, "0", time.Hour)
		r, _ := inUse(t, tok)
		for i := range 3 {
			deleteInFar(t, r, tok)
			holds(t, "near", r.near, "")
			tok = fetched(t, r, fmt.Sprint(i+1))
			time.Sleep(50 * time.Millisecond)
		}
		deleteInFar(t, r, tok)
		holds(t, "near", r.near, "3")
		for _, gap := range []bool{true, false, true} {
			time.Sleep(15 * time.Second)
			r.watch.push(gap)
			holds(t, "near", r.near, "3")
			holds(t, "far", &r.far.Map, "")
		}
		if n := r.warnings(); n != 1 || !strings.Contains(r.log.String(), "key="+key) || !strings.Contains(r.log.String(), "times=4") {
			t.Errorf("%d warnings, want one with the key and the number:\n%s", n, r.log)
		}
		time.Sleep(15*time.Second - 271*time.Millisecond) // a minute after the first one
		holds(t, "near", r.near, "3")
		time.Sleep(time.Second)
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}

// A storm that goes on costs three tokens a minute and is warned of once; the next one is
// warned of again, and a deletion by itself is followed at once.
func TestStormOfDeletionsGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tok := newToken(t, "0", 50*time.Hour)
		r, _ := inUse(t, tok)
		storm := func(d time.Duration) (lost int) {
			for began := time.Now(); time.Since(began) < d; time.Sleep(50 * time.Millisecond) {
				deleteInFar(t, r, tok)
				if _, err := r.near.Get(t.Context(), key); err != nil {
					lost++
					tok = newToken(t, fmt.Sprint(time.Now().UnixNano()), 50*time.Hour)
					swap(t, r, store.Token{}, tok)
				}
			}
			return lost
		}
		if lost := storm(10*time.Minute - time.Second); lost != 30 {
			t.Errorf("%d tokens lost in ten minutes, want 30", lost)
		}
		if n := r.warnings(); n != 1 {
			t.Errorf("%d warnings:\n%s", n, r.log)
		}
		time.Sleep(5 * time.Minute)
		if _, err := r.near.Get(t.Context(), key); err == nil {
			t.Error("the last deletion has been forgotten")
		}
		tok = newToken(t, "next", 50*time.Hour)
		swap(t, r, store.Token{}, tok)
		deleteInFar(t, r, tok)
		holds(t, "near", r.near, "")
		tok = newToken(t, "again", 50*time.Hour)
		swap(t, r, store.Token{}, tok)
		if lost := storm(30 * time.Second); lost != 2 {
			t.Errorf("%d tokens lost in the next storm, want 2", lost)
		}
		if n := r.warnings(); n != 2 {
			t.Errorf("%d warnings after the next storm:\n%s", n, r.log)
		}
	})
}

// Somebody writes one token after the other that the API refuses. Near takes three a
// minute in place of its own; after that one that has stood for a while.
func TestStormOfTokensThatDoNotWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := newToken(t, "good", time.Hour)
		r, _ := inUse(t, good)
		there, lost := good, 0
		for i := range 100 {
			bad := newToken(t, fmt.Sprint("bad", i), time.Hour)
			swap(t, &r.far.Map, there, bad)
			there = bad
			r.watch.push(false)
			if tok, _ := r.near.Get(t.Context(), key); tok.Equal(bad) {
				lost++
				if err := r.CompareAndDelete(t.Context(), key, bad); err != nil {
					t.Fatal(err)
				}
				there = newToken(t, fmt.Sprint("fast", i), time.Hour)
				swap(t, &r.far.Map, store.Token{}, there) // before the one that is being fetched
				if tok := fetched(t, r, fmt.Sprint("good", i)); tok.Equal(there) {
					if err := r.CompareAndDelete(t.Context(), key, there); err != nil {
						t.Fatal(err)
					}
				}
			}
			time.Sleep(100 * time.Millisecond)
		}
		if lost > 3 {
			t.Errorf("%d tokens lost in ten seconds, want 3 at most", lost)
		}
		if n := r.warnings(); n != 1 {
			t.Errorf("%d warnings:\n%s", n, r.log)
		}
		time.Sleep(4 * time.Second)
		if tok, err := r.near.Get(t.Context(), key); err != nil || tok.Equal(there) {
			t.Errorf("near has %q, %v", tok.Reveal(), err)
		}
		time.Sleep(2 * time.Second)
		holds(t, "near", r.near, there.Reveal())
	})
}

// Nor is one taken in place of a token of this process that was just fetched, after three of which none
// worked.
func TestFetchedTokenStandsInAStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := newToken(t, "good", time.Hour)
		r, _ := inUse(t, good)
		deleteInFar(t, r, good)
		for i := range 4 {
			bad := newToken(t, fmt.Sprint("bad", i), time.Hour)
			swap(t, &r.far.Map, store.Token{}, bad)
			want := bad.Reveal()
			if fetched(t, r, fmt.Sprint("fetched", i)); i == 3 {
				want = "fetched3"
			}
			holds(t, "near", r.near, want)
			if err := r.CompareAndDelete(t.Context(), key, bad); err != nil {
				t.Error(err)
			}
		}
	})
}

// Tokens that end soon cost as much as those that do not work.
func TestStormOfTokensThatEndSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		there := newToken(t, "good", time.Hour)
		r, _ := inUse(t, there)
		lost := 0
		for i := range 100 {
			short := newToken(t, fmt.Sprint("short", i), 50*time.Millisecond)
			swap(t, &r.far.Map, there, short)
			there = short
			r.watch.push(false)
			time.Sleep(100 * time.Millisecond)
			if _, err := r.near.Get(t.Context(), key); err != nil {
				lost++
				there = fetched(t, r, fmt.Sprint("good", i))
			}
		}
		if lost > 3 {
			t.Errorf("%d tokens lost in ten seconds, want 3 at most", lost)
		}
	})
}

// Tokens that work for a while and are revoked then are no storm: each is taken at once.
func TestRevocationsAreNoStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		there := newToken(t, "0", time.Hour)
		r, _ := inUse(t, there)
		for i := range 30 {
			next := newToken(t, fmt.Sprint(i+1), time.Hour)
			swap(t, &r.far.Map, there, next)
			r.watch.push(false)
			holds(t, "near", r.near, next.Reveal())
			time.Sleep(1100 * time.Millisecond)
			if err := r.CompareAndDelete(t.Context(), key, next); err != nil {
				t.Fatal(err)
			}
			there = fetched(t, r, fmt.Sprint("fetched", i))
		}
		if n := r.warnings(); n != 0 {
			t.Errorf("%d warnings:\n%s", n, r.log)
		}
	})
}
