package tiered_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
)

// trip makes far fail once, at the beginning of the test: it is left alone for 5 s.
func trip(t *testing.T, r *rig) {
	t.Helper()
	r.far.set(errDown, 0)
	_, _ = r.Get(t.Context(), "another key")
	r.far.set(nil, 0)
}

func TestTokenStoredOnPurposeAfterItsDeletionIsServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		swap(t, r, store.Token{}, a)
		if err := r.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		swap(t, r, store.Token{}, a)
		holds(t, "tiered", r, "a")
	})
}

func TestDeletionIsForgottenAfterTheTokensEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		if err := r.CompareAndDelete(t.Context(), key, newToken(t, "a", time.Minute)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if err := r.CompareAndDelete(t.Context(), "another key", newToken(t, "b", time.Minute)); err != nil {
			t.Fatal(err)
		}
		swap(t, &r.far.Map, store.Token{}, newToken(t, "a", time.Hour)) // issued again, to last
		holds(t, "tiered", r, "a")
	})
}

func TestOutageThatOutlastsATokenLeavesNothingToDoForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.set(errDown, 0)
		remove := func(tok store.Token) {
			if err := r.CompareAndDelete(t.Context(), key, tok); err != nil {
				t.Fatal(err)
			}
		}
		remove(newToken(t, "a", time.Minute))
		time.Sleep(2 * time.Minute)
		b := newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, b)
		remove(b)
		remove(b)
		r.far.set(nil, 0)
		before := r.far.ops.Load()
		time.Sleep(time.Minute)
		if n := r.far.ops.Load() - before; n != 1 || r.Stats().PendingWrites != 0 {
			t.Errorf("far was asked %d times, %d pending writes; want one deletion, of b", n, r.Stats().PendingWrites)
		}
	})
}

func TestPendingWriteThatIsNewerThanAWriteOutlivesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		swap(t, r, store.Token{}, a)
		trip(t, r)
		time.Sleep(2 * time.Second)
		b := newToken(t, "b", time.Hour)
		swap(t, r, a, b) // a pending write, due 5 s from now
		time.Sleep(3500 * time.Millisecond)
		r.far.set(nil, 100*time.Millisecond)
		done := make(chan struct{})
		go func() { // far's first write after the outage: nobody else is let through
			defer close(done)
			swap(t, r, b, newToken(t, "c", time.Hour))
		}()
		synctest.Wait()
		swap(t, r, b, newToken(t, "d", time.Hour)) // a newer pending write
		<-done
		if n := r.Stats().PendingWrites; n != 1 {
			t.Errorf("%d pending writes, want that of d", n)
		}
		time.Sleep(10 * time.Second)
		holds(t, "far", &r.far.Map, "c")
		holds(t, "near", r.near, "c") // what came of d, which far was asked to take after c
	})
}

func TestPendingWriteThatANewerOneReplacesIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		swap(t, r, store.Token{}, a)
		trip(t, r)
		time.Sleep(2 * time.Second)
		if err := r.CompareAndDelete(t.Context(), key, a); err != nil { // pending, due at 7.001 s
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		_, _ = r.Get(t.Context(), "another key") // far is back
		time.Sleep(990 * time.Millisecond)
		r.far.set(nil, 100*time.Millisecond)
		ctx, _ := farwait.With(t.Context(), 50*time.Millisecond)
		if _, err := r.CompareAndSwap(ctx, key, store.Token{}, a); err != nil { // on purpose
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		holds(t, "far", &r.far.Map, "a")
		holds(t, "near", r.near, "a")
		if n := r.Stats().PendingWrites; n != 0 {
			t.Errorf("%d pending writes", n)
		}
	})
}

func TestNothingIsFlushedAfterClose(t *testing.T) {
	for name, leave := range map[string]func(*testing.T, *rig){
		"a pending write from before": func(t *testing.T, r *rig) {
			swap(t, r, store.Token{}, newToken(t, "a", time.Second))
			r.Close()
		},
		"a pending write from after": func(t *testing.T, r *rig) {
			r.Close()
			swap(t, r, store.Token{}, newToken(t, "a", time.Second))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := build(t)
				trip(t, r)
				leave(t, r)
				before := r.far.ops.Load()
				time.Sleep(time.Minute)
				if n := r.far.ops.Load() - before; n != 0 || r.Stats().PendingWrites != 1 {
					t.Errorf("far was asked %d times, %d pending writes; want it to stay as it was", n, r.Stats().PendingWrites)
				}
			})
		})
	}
}
