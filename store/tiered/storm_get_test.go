package tiered_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
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
