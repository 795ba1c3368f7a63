package tiered_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

func TestWriteThatHangsIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := new(store.Map), new(far)
		s, err := tiered.New(tiered.Config{Near: near, Far: far, FarTimeout: time.Minute, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		a := newToken(t, "a", time.Hour)
		far.hang()
		letGo := far.hung
		swap(t, s, store.Token{}, a)
		far.mu.Lock()
		far.hung = nil // what comes later does not hang
		far.mu.Unlock()
		if err := s.CompareAndDelete(t.Context(), key, a); err != nil { // the breaker is open
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		close(letGo)
		time.Sleep(time.Minute)
		holds(t, "far", &far.Map, "")
	})
}

// hasty returns the context of a call that waits 10 ms for far: too little to say
// that far is slow.
func hasty(t *testing.T) context.Context {
	ctx, _ := farwait.With(t.Context(), 10*time.Millisecond)
	return ctx
}

func TestReadWaitsForAWriteOfTheSameKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		r.far.set(nil, 100*time.Millisecond)
		if _, err := r.CompareAndSwap(hasty(t), key, store.Token{}, a); err != nil {
			t.Fatal(err)
		}
		r.far.set(nil, 0)                                                    // what comes later is fast
		if err := r.near.CompareAndDelete(t.Context(), key, a); err != nil { // near drops it
			t.Fatal(err)
		}
		if d := took(func() { holds(t, "tiered", r, "a") }); d != 90*time.Millisecond {
			t.Errorf("the read took %v, want until the end of the write", d)
		}
		if d := took(func() { _, _ = r.Get(t.Context(), "another key") }); d != 0 {
			t.Errorf("a read of another key took %v", d)
		}
	})
}

func TestThirdWriteWaitsForTheSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		r.far.set(nil, 100*time.Millisecond)
		if _, err := r.CompareAndSwap(hasty(t), key, store.Token{}, a); err != nil {
			t.Fatal(err)
		}
		r.far.set(nil, time.Second) // for the second, when its turn comes
		if _, err := r.CompareAndSwap(hasty(t), key, a, b); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond) // the first is done, the second under way
		r.far.set(nil, 0)
		if err := r.CompareAndDelete(hasty(t), key, b); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		holds(t, "far", &r.far.Map, "")
		if n := r.warnings(); n != 0 {
			t.Errorf("taken for an outage:\n%s", r.log)
		}
	})
}
