package tiered_test

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// A pending write is made when the breaker allows it after a failure, and soon if far was only busy.
func TestWhenAPendingWriteIsMade(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		after time.Duration
	}{
		"down": {errDown, tiered.DefaultBreakerTimeout + time.Millisecond},
		"busy": {fmt.Errorf("no connection: %w", store.ErrBusy), tiered.DefaultBreakerTimeout / 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t)
				r.far.set(c.err, 0)
				swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
				for range 3 {
					before := r.far.writes.Load()
					time.Sleep(c.after - 1)
					synctest.Wait()
					if n := r.far.writes.Load() - before; n != 0 {
						t.Errorf("made %d times, too soon", n)
					}
					time.Sleep(time.Nanosecond)
					synctest.Wait()
					if n := r.far.writes.Load() - before; n != 1 {
						t.Errorf("made %d times after %v, want once", n, c.after)
					}
				}
				r.far.set(nil, 0)
				time.Sleep(c.after)
				synctest.Wait()
				holds(t, "far", &r.far.Map, "a")
			})
		})
	}
}

// Without pending writes, and after Close, no timer is left, of what was remembered either.
func TestNoTimerWithoutPendingWrites(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *rig, store.Token){
		"written": func(t *testing.T, r *rig, _ store.Token) {
			r.far.set(nil, 0)
			time.Sleep(20 * time.Minute) // the tokens end, and their tombstones
			if n := r.Stats().PendingWrites; n != 0 {
				t.Errorf("%d pending writes", n)
			}
		},
		"closed": func(_ *testing.T, r *rig, _ store.Token) { r.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t)
				a, b := newToken(t, "a", 10*time.Minute), newToken(t, "b", 10*time.Minute)
				swap(t, r, store.Token{}, a)
				r.far.set(errDown, 0)
				swap(t, r, a, b)
				time.Sleep(time.Minute)
				end(t, r, b)
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
