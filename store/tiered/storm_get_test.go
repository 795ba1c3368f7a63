package tiered_test

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// Tokens that do not work count as much if near has taken them since it had none: after three of them
// a call keeps the one that it has fetched, whatever far has.
func TestStormOfTokensThatAMissHasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := newToken(t, "good", time.Hour)
		r, _ := inUse(t, good)
		if err := r.CompareAndDelete(t.Context(), key, good); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			bad := newToken(t, fmt.Sprint("bad", i), time.Hour)
			swap(t, &r.far.Map, store.Token{}, bad)
			if tok, err := r.Get(t.Context(), key); err != nil || !tok.Equal(bad) {
				t.Fatalf("%d: %v, %v", i, tok, err)
			}
			if err := r.CompareAndDelete(t.Context(), key, bad); err != nil {
				t.Fatal(err)
			}
		}
		swap(t, &r.far.Map, store.Token{}, newToken(t, "bad", time.Hour))
		ours := newToken(t, "ours", time.Hour)
		if got := swap(t, r, store.Token{}, ours); !got.Equal(ours) {
			t.Errorf("%v stands, want ours", got)
		}
		holds(t, "near", r.near, "ours")
	})
}

// A token of this process that near took while far was read is none that was taken from far: that it does
// not work is no storm.
func TestTokensThatNearTookMeanwhileAreNoStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, f, w := new(near), new(far), new(watch)
		s, err := tiered.New(tiered.Config{Near: n, Far: f, Watch: w, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		defer s.Follow(key, nil)()
		time.Sleep(2 * time.Second) // the first looks are over
		there := newToken(t, "there", time.Hour)
		swap(t, &f.Map, store.Token{}, there)
		for i := range 4 {
			old, own, next := newToken(t, fmt.Sprint("old", i), time.Hour), newToken(t, fmt.Sprint("own", i), time.Hour), newToken(t, fmt.Sprint("next", i), time.Hour)
			swap(t, &n.Map, store.Token{}, old)
			n.swap = func() error { n.swap = nil; swap(t, &n.Map, old, own); return nil }
			if tok, err := s.Reread(t.Context(), key); err != nil || tok != own {
				t.Errorf("%q, %v", tok.Reveal(), err)
			}
			if err := s.CompareAndDelete(t.Context(), key, own); err != nil {
				t.Fatal(err)
			}
			swap(t, &f.Map, there, next)
			there = next
			synctest.Wait()
		}
		swap(t, &n.Map, store.Token{}, newToken(t, "mine", time.Hour))
		w.push(false)
		holds(t, "near", &n.Map, there.Reveal())
	})
}
