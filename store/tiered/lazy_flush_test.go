package tiered_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// A hit flushes when the breaker allows it, to the nanosecond, and once each time.
func TestLazyHitFlushesAtTheRightTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pause = tiered.DefaultBreakerTimeout + time.Millisecond
		r := buildLazy(t)
		near := r.Tiers().Near
		r.far.set(errDown, 0)
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		for range 3 {
			before := r.far.writes.Load()
			time.Sleep(pause - 1)
			holds(t, "near", near, "a")
			if n := r.far.writes.Load() - before; n != 0 {
				t.Errorf("far was written to %d times, and the breaker does not allow it", n)
			}
			time.Sleep(time.Nanosecond)
			for range 3 {
				holds(t, "near", near, "a")
			}
			if n := r.far.writes.Load() - before; n != 1 {
				t.Errorf("far was written to %d times when the breaker allows it, want once", n)
			}
		}
	})
}

// A hit after Close changes nothing any more.
func TestLazyHitAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := buildLazy(t)
		near := r.Tiers().Near
		r.far.set(errDown, 0)
		swap(t, r, store.Token{}, newToken(t, "a", time.Second))
		if _, err := r.near.CompareAndSwap(t.Context(), "another key", store.Token{}, newToken(t, "b", time.Hour)); err != nil {
			t.Fatal(err)
		}
		r.Close()
		time.Sleep(time.Minute)
		if _, err := near.Get(t.Context(), "another key"); err != nil {
			t.Fatal(err)
		}
		if n := r.Stats().PendingWrites; n != 1 {
			t.Errorf("%d pending writes, want it to stay as it was", n)
		}
	})
}

// Hits and writes of a lazy store run side by side. The race detector watches.
func TestHitsBesideWritesThatBecomePending(t *testing.T) {
	f, near := new(far), new(store.Map)
	s, err := tiered.New(tiered.Config{Near: near, Far: f, Lazy: true, BreakerTimeout: time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tok := newToken(t, "a", time.Hour)
	swap(t, s, store.Token{}, tok)
	f.set(store.ErrBusy, 0)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 50 {
				if _, err := s.CompareAndSwap(t.Context(), fmt.Sprint(i, "-", n), store.Token{}, tok); err != nil {
					t.Error(err)
				}
				if there, err := s.Tiers().Near.Get(t.Context(), key); err != nil || there != tok {
					t.Errorf("%q, %v", there.Reveal(), err)
				}
			}
		})
	}
	all.Wait()
}
