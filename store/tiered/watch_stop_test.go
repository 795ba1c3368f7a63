package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A stop that is called once more, when the key is followed anew, stops nothing.
func TestStopOnceMoreStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r := build(t)
		swap(t, r, store.Token{}, a)
		stop := r.Follow(key, nil)
		stop()
		t.Cleanup(r.Follow(key, nil))
		synctest.Wait()
		stop()
		swap(t, &r.far.Map, a, b)
		r.watch.push(false)
		holds(t, "near", r.near, "b")
	})
}
