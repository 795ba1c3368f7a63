package tiered_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A look without a cause may be due just when nobody follows any more, or the Store is closed. None
// comes after it, and no timer runs on.
func TestNoTimerOutlivesTheLookThatIsDueAtTheEnd(t *testing.T) {
	for name, end := range map[string]func(r *rig, stop func()){
		"following ends": func(_ *rig, stop func()) { stop() },
		"Close":          func(r *rig, _ func()) { r.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for range 100 { // which of the two comes first differs
					r := build(t)
					stop := r.Follow(key, nil)
					time.Sleep(time.Second)
					end(r, stop)
				}
				synctest.Wait()
				runtime.GC() // whose goroutines are counted too
				before := created()
				time.Sleep(time.Hour)
				synctest.Wait()
				if n := created() - before; n > 0 {
					t.Errorf("%d goroutines in an hour", n)
				}
			})
		})
	}
}

// A key that is followed anew has one look a minute, whatever became of the one before.
func TestFollowedAnewIsLookedAtOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		swap(t, r, store.Token{}, newToken(t, "a", 3*time.Hour))
		for range 100 {
			stop := r.Follow(key, nil)
			time.Sleep(time.Second)
			stop()
		}
		defer r.Follow(key, nil)()
		synctest.Wait()
		before := r.far.ops.Load()
		time.Sleep(time.Hour)
		if n := r.far.ops.Load() - before; n < 55 || n > 90 {
			t.Errorf("%d looks in an hour", n)
		}
	})
}
