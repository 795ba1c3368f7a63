package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

func TestDeletedIsAskedOfOneToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, _ := inUse(t, a)
		deleted := r.Tiers().Deleted
		if deleted(key, a) {
			t.Error("a token that is there counts as deleted")
		}
		if err := r.far.CompareAndDelete(t.Context(), key, a); err != nil { // by another process
			t.Fatal(err)
		}
		r.watch.push(false)
		swap(t, r, store.Token{}, b)
		if !deleted(key, a) || deleted(key, b) {
			t.Errorf("deleted: %v, the next one %v; want the first alone", deleted(key, a), deleted(key, b))
		}
		swap(t, r, b, a)
		if deleted(key, a) || deleted(key, b) {
			t.Errorf("the first one is stored again: deleted %v; the second, which it replaced, %v", deleted(key, a), deleted(key, b))
		}
	})
}
