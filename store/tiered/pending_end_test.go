package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

func TestPendingDeletionEndsWithTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Minute)
		swap(t, r, store.Token{}, a)
		r.far.set(errDown, 0)
		if err := r.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		before := r.far.ops.Load()
		time.Sleep(time.Hour)
		if n := r.far.ops.Load() - before; n != 0 || r.Stats().PendingWrites != 0 {
			t.Errorf("far was asked %d times an hour for a token that had ended, %d pending writes", n, r.Stats().PendingWrites)
		}
	})
}
