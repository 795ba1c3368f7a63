package tiered_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A backup that is played back may have a token that the fleet left long ago, since when it had
// more than there is room for. None of them is believed again.
func TestTokenLeftLongAgoIsNotBelieved(t *testing.T) {
	for name, takesIt := range map[string]func(t *testing.T, r *rig){
		"a read":  func(t *testing.T, r *rig) { holds(t, "the store", r, "") },
		"a fetch": func(*testing.T, *rig) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t)
				const n = 40
				var all []store.Token
				var last store.Token
				for i := range n {
					tok := newToken(t, fmt.Sprint("token-", i), 2*time.Hour)
					swap(t, r, last, tok)
					all, last = append(all, tok), tok
					time.Sleep(time.Minute)
				}
				if err := r.CompareAndDelete(t.Context(), key, last); err != nil {
					t.Fatal(err)
				}
				for _, i := range []int{0, 10, n - 18, n - 2, n - 1} {
					swap(t, r.far, store.Token{}, all[i])
					takesIt(t, r)
					next := newToken(t, fmt.Sprint("next-", i), 2*time.Hour)
					if stands := swap(t, r, store.Token{}, next); !stands.Equal(next) {
						t.Errorf("token %d stands again", i)
					}
					holds(t, "far", r.far, next.Reveal())
					if err := r.CompareAndDelete(t.Context(), key, next); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second)
				}

				// Whoever stores one of them on purpose has it.
				tok := all[1]
				if stands := swap(t, r, store.Token{}, tok); !stands.Equal(tok) {
					t.Error("it is not stored on purpose either")
				}
				if err := r.near.CompareAndDelete(t.Context(), key, tok); err != nil { // near may forget it
					t.Fatal(err)
				}
				holds(t, "the store", r, tok.Reveal())
			})
		})
	}
}

// A clock that is ahead says nothing about the tokens of the others.
func TestTokenFromTheFutureLeavesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		var last store.Token
		for i := range 40 {
			issued := time.Now().Add(time.Hour)
			tok, err := store.NewToken(fmt.Sprint("ahead-", i), issued, issued.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			swap(t, r, last, tok)
			last = tok
			time.Sleep(time.Second)
		}
		if err := r.CompareAndDelete(t.Context(), key, last); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		tok := newToken(t, "good", time.Hour)
		swap(t, r.far, store.Token{}, tok) // by another process
		holds(t, "the store", r, "good")
	})
}
