package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

func TestPendingWriteDoesNotBringADeletedTokenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, a)
		r.far.set(errDown, 0)
		_, _ = r.Reread(t.Context(), key) // the breaker opens
		time.Sleep(2 * time.Second)
		swap(t, r, a, b) // a pending write, due a timeout of the breaker from now
		r.far.set(nil, 0)
		time.Sleep(3500 * time.Millisecond) // the breaker lets somebody through before that
		if err := r.CompareAndDelete(t.Context(), key, b); err != nil {
			t.Fatal(err)
		}
		holds(t, "far", &r.far.Map, "")
		if n := r.Stats().PendingWrites; n != 0 {
			t.Errorf("%d pending writes", n)
		}
		time.Sleep(time.Minute)
		holds(t, "far", &r.far.Map, "") // b was refused by the API
	})
}
