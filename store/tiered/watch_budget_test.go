package tiered_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// dated is a far store that notes when it is read.
type dated struct {
	far
	mu sync.Mutex
	at []time.Time
}

func (d *dated) Get(ctx context.Context, key string) (store.Token, error) {
	d.mu.Lock()
	d.at = append(d.at, time.Now())
	d.mu.Unlock()
	return d.far.Get(ctx, key)
}

// since returns how long after a time far was read, each time that was later, and forgets them.
func (d *dated) since(began time.Time) (after []time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, at := range d.at {
		if at.Before(began) {
			continue
		}
		after = append(after, at.Sub(began))
	}
	d.at = nil
	return after
}

// observed returns a rig whose far store is dated. Its token, which both tiers have, is followed, and
// the first looks are over.
func observed(t *testing.T, tok store.Token) (*rig, *dated) {
	t.Helper()
	d := new(dated)
	r := &rig{near: new(store.Map), far: &d.far, log: new(logged)}
	s, err := tiered.New(tiered.Config{Near: r.near, Far: d, Watch: &r.watch, Logger: slog.New(slog.NewTextHandler(r.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	r.Store = s
	t.Cleanup(func() { s.Close() })
	swap(t, r, store.Token{}, tok)
	t.Cleanup(r.Follow(key, nil))
	time.Sleep(2 * time.Second)
	synctest.Wait()
	return r, d
}

// checkLooks fails the test unless far was read at these times after began.
func checkLooks(t *testing.T, d *dated, began time.Time, want ...time.Duration) {
	t.Helper()
	synctest.Wait()
	if got := d.since(began); !slices.Equal(got, want) {
		t.Errorf("looks after %v, want %v", got, want)
	}
}

// Of pushes that come at once eight are looked for, and after 25 ms the last one.
func TestPushesAtOnceAreFewLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, d := observed(t, newToken(t, "a", time.Hour))
		for range 2 {
			began := time.Now()
			for range 100 {
				r.watch.tell(false)
				synctest.Wait()
			}
			time.Sleep(time.Second)
			checkLooks(t, d, began, 0, 0, 0, 0, 0, 0, 0, 0, 25*time.Millisecond)
		}
	})
}

// A look that had to wait has the cause that it had: what is absent without a push was lost.
func TestLookThatWaitsHasItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		time.Sleep(time.Second - time.Millisecond)
		for range 8 {
			r.watch.tell(false)
			synctest.Wait()
		}
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		time.Sleep(2 * time.Second) // a look without a cause, and the one after it
		holds(t, "near", r.near, "a")
		holds(t, "far", &r.far.Map, "a")
	})
}

// After a failure there is one look, when the breaker allows it, however many changes were pushed
// meanwhile.
func TestOneLookAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, d := observed(t, newToken(t, "a", time.Hour))
		for range 3 {
			d.far.set(errDown, 0)
			began := time.Now()
			for range 5 {
				r.watch.tell(false)
				time.Sleep(100 * time.Millisecond)
			}
			d.far.set(nil, 0)
			time.Sleep(7 * time.Second)
			checkLooks(t, d, began, 0, tiered.DefaultBreakerTimeout+time.Millisecond)
		}
	})
}

// A process that is busy looks five times within the timeout of the breaker, and once if that is enough.
func TestLooksOfABusyProcessAreOneSecondApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, d := observed(t, newToken(t, "a", time.Hour))
		d.far.set(fmt.Errorf("no connection: %w", store.ErrBusy), 0)
		began := time.Now()
		r.watch.tell(false)
		time.Sleep(2500 * time.Millisecond)
		d.far.set(nil, 0)
		time.Sleep(5 * time.Second)
		checkLooks(t, d, began, 0, time.Second, 2*time.Second, 3*time.Second)
	})
}

// Looks without a cause are 55 s apart, less up to an eighth of it, so that processes that began together
// do not look together.
func TestLooksWithoutACauseAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, d := observed(t, newToken(t, "a", 20*time.Hour))
		began := time.Now()
		time.Sleep(10 * time.Hour)
		at := d.since(began)
		const most = 55 * time.Second
		shortest := most
		for i := range at[1:] {
			apart := at[i+1] - at[i]
			if apart > most || apart < most-most/8 {
				t.Errorf("%v between two looks", apart)
			}
			shortest = min(shortest, apart)
		}
		if shortest > most-most/10 {
			t.Errorf("of %d looks no two were closer than %v", len(at), shortest)
		}
	})
}

// An absent token that nobody has told of is written back after half a second, if nothing is pushed
// until then.
func TestLossIsDoubtedForHalfASecond(t *testing.T) {
	const doubt = 500 * time.Millisecond
	for name, pushed := range map[string]bool{"and is one": false, "and was a deletion": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newToken(t, "a", time.Hour)
				r, _ := inUse(t, a)
				_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
				time.Sleep(time.Second + doubt - 10*time.Millisecond)
				holds(t, "far", &r.far.Map, "")
				if pushed {
					r.watch.tell(false)
				}
				time.Sleep(10*time.Millisecond - 1)
				holds(t, "far", &r.far.Map, "")
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				want := "a"
				if pushed {
					want = ""
				}
				holds(t, "far", &r.far.Map, want)
				time.Sleep(time.Minute)
				holds(t, "far", &r.far.Map, want)
				holds(t, "near", r.near, want)
			})
		})
	}
}

// A deletion is believed 20 ms after its push: that of a gap may be on its way.
func TestDeletionIsBelievedAfterAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		r, _ := inUse(t, a)
		_ = r.far.Map.CompareAndDelete(t.Context(), key, a)
		r.watch.tell(false)
		time.Sleep(20*time.Millisecond - 1)
		synctest.Wait()
		holds(t, "near", r.near, "a")
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		holds(t, "near", r.near, "")
	})
}

// Without Many, four keys are looked at at a time.
func TestFourKeysAreLookedAtAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tenants, trip = 22, 100 * time.Millisecond
		d := newDistant(trip, 0)
		r, keys := crowdOf(t, d, nil, tenants)
		for _, name := range keys {
			if _, err := d.tokens.Load().CompareAndSwap(t.Context(), name, store.Token{}, newToken(t, "a", time.Hour)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.Follow(name, nil))
		}
		time.Sleep(tenants/4*trip + trip - 1)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.most != 4 || d.under != tenants%4 {
			t.Errorf("%d at a time, and %d at last", d.most, d.under)
		}
	})
}

// That near's token was written to far, in place of one from before it, is no cause of another look.
func TestNoLookAfterARepair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, d := observed(t, a)
		swap(t, r, a, b)
		swap(t, &d.far.Map, b, a) // by a restored backup
		began := time.Now()
		r.watch.tell(false)
		time.Sleep(10 * time.Second)
		checkLooks(t, d, began, 0)
		holds(t, "far", &d.far.Map, "b")
	})
}

// Nor is that near took a token of another process.
func TestNoLookAfterATokenThatWasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, d := observed(t, a)
		swap(t, &d.far.Map, a, b)
		began := time.Now()
		r.watch.tell(false)
		time.Sleep(10 * time.Second)
		checkLooks(t, d, began, 0)
		holds(t, "near", r.near, "b")
	})
}

// Misses while far has a token from before, which is not taken, use up none of the looks that changes
// are followed with.
func TestMissesTakeNoLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour), newToken(t, "c", time.Hour)
		r, d := observed(t, a)
		if err := r.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		swap(t, &d.far.Map, store.Token{}, a) // by a restored backup
		for range 20 {
			holds(t, "both", r, "")
			synctest.Wait()
		}
		swap(t, r, store.Token{}, b)
		swap(t, &d.far.Map, b, c)
		r.watch.tell(false)
		synctest.Wait()
		holds(t, "near", r.near, "c")
	})
}

// An exchange during which nothing changed is no cause of a look.
func TestNoLookAfterAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r, d := observed(t, a)
		began := time.Now()
		swap(t, r, a, b)
		time.Sleep(10 * time.Second)
		checkLooks(t, d, began)
	})
}
