package tiered_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// A change that no push tells of is seen within a minute, as long as the key is followed.
func TestLookAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tok := newToken(t, "a", 3*time.Hour)
		r, moved := inUse(t, tok)
		for _, text := range []string{"b", "c", "d"} {
			next := newToken(t, text, 3*time.Hour)
			swap(t, &r.far.Map, tok, next)
			time.Sleep(time.Minute)
			synctest.Wait()
			holds(t, "near", r.near, text)
			tok = next
		}
		if len(*moved) != 3 {
			t.Errorf("told of %q", *moved)
		}
		before := r.far.ops.Load()
		time.Sleep(time.Hour)
		if n := r.far.ops.Load() - before; n < 55 || n > 90 {
			t.Errorf("%d looks in an hour", n)
		}
	})
}

func TestNoLooksWhenNobodyFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		stop := r.Follow(key, nil)
		synctest.Wait()
		stop()
		before := r.far.ops.Load()
		time.Sleep(10 * time.Minute)
		if n := r.far.ops.Load() - before; n != 0 {
			t.Errorf("%d looks", n)
		}
	})
}

// What is not there all of a sudden, without a push, was not deleted: the database was
// swapped, or the server does not tell of everything.
func TestAbsenceThatNobodyToldOfIsALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		time.Sleep(time.Minute + time.Second)
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// A look that comes between a deletion and the push of it waits for the push.
func TestPushThatIsLateIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		before := r.far.ops.Load()
		for r.far.ops.Load() == before {
			time.Sleep(10 * time.Millisecond)
		}
		r.watch.push(false)
		time.Sleep(time.Minute)
		holds(t, "near", r.near, "")
		holds(t, "far", &r.far.Map, "")
	})
}

// A change that this process had no time to look at is seen soon all the same: far was not asked, and
// what was pushed is known. A deletion stays one.
func TestLookOfABusyProcessIsMadeAgain(t *testing.T) {
	for name, next := range map[string]string{"another token": "b", "deleted": ""} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newToken(t, "a", time.Hour)
				r, _ := inUse(t, a)
				time.Sleep(2 * time.Second) // the first looks are over
				if next != "" {
					swap(t, &r.far.Map, a, newToken(t, next, time.Hour))
				} else if err := r.far.Map.CompareAndDelete(t.Context(), key, a); err != nil {
					t.Fatal(err)
				}
				r.far.set(fmt.Errorf("no connection: %w", store.ErrBusy), 0)
				r.watch.push(false)
				asked := r.far.ops.Load()
				time.Sleep(2500 * time.Millisecond)
				if n := r.far.ops.Load() - asked; n < 1 || n > 5 {
					t.Errorf("%d looks of a process that is busy, in 2.5 s", n)
				}
				r.far.set(nil, 0)
				time.Sleep(1500 * time.Millisecond)
				synctest.Wait()
				holds(t, "near", r.near, next)
				holds(t, "far", &r.far.Map, next)
				time.Sleep(time.Minute)
				holds(t, "near", r.near, next)
				holds(t, "far", &r.far.Map, next)
			})
		})
	}
}

// A write that this process had no time for is made soon: what others do to the key is not followed
// until then.
func TestChangeIsSeenBehindAPendingWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		r, _ := inUse(t, a)
		r.far.set(fmt.Errorf("no connection: %w", store.ErrBusy), 0)
		swap(t, r, a, b)
		swap(t, &r.far.Map, a, c)
		r.watch.push(false)
		r.far.set(nil, 0)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		holds(t, "near", r.near, "c")
		holds(t, "far", &r.far.Map, "c")
	})
}

// Of many changes in a row only the last one counts.
func TestLooksAreRateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := newToken(t, "0", time.Hour)
		r, _ := inUse(t, first)
		before := r.far.ops.Load()
		last := first
		for i := range 2000 {
			next := newToken(t, "n", time.Hour)
			if i%2 == 0 {
				next = newToken(t, "m", time.Hour)
			}
			swap(t, &r.far.Map, last, next)
			last = next
			r.watch.tell(false)
			synctest.Wait()
			time.Sleep(time.Millisecond)
		}
		if n := r.far.ops.Load() - before; n > 250 {
			t.Errorf("far was asked %d times in two seconds", n)
		}
		time.Sleep(time.Minute)
		holds(t, "near", r.near, last.Reveal())
	})
}
