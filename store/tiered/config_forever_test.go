package tiered_test

import (
	"context"
	"log/slog"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// asked is a store that counts its reads.
type asked struct {
	store.Map
	reads atomic.Int64
}

func (a *asked) Get(ctx context.Context, key string) (store.Token, error) {
	a.reads.Add(1)
	return a.Map.Get(ctx, key)
}

// A breaker that is to stay open for ever is not asked all the time whether it has closed.
func TestBreakerThatStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w watch
		f, near := new(far), new(asked)
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, BreakerTimeout: math.MaxInt64, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		swap(t, s, store.Token{}, newToken(t, "a", time.Hour))
		defer s.Follow(key, nil)()
		synctest.Wait()
		f.set(errDown, 0)
		w.tell(true)
		synctest.Wait()
		before := near.reads.Load()
		time.Sleep(30 * time.Second)
		if n := near.reads.Load() - before; n > 2 { // without a cause
			t.Errorf("%d looks in 30 s", n)
		}
		holds(t, "near", &near.Map, "a")
	})
}

// A write that far has not taken is made again after a while, however short or long the breaker
// stays open: far is not down.
func TestWriteIsMadeAgainSoonAndNotInALoop(t *testing.T) {
	for timeout, wait := range map[time.Duration]time.Duration{
		1: 50 * time.Millisecond, tiered.DefaultBreakerTimeout: 1100 * time.Millisecond,
		time.Hour: 1100 * time.Millisecond, math.MaxInt64: 1100 * time.Millisecond,
	} {
		for _, why := range []error{store.ErrBusy, store.ErrRefused} {
			synctest.Test(t, func(t *testing.T) {
				var writes atomic.Int64
				f := &scripted{cas: func(ctx context.Context) (store.Token, error) {
					if writes.Add(1) > 200 {
						time.Sleep(time.Second) // a loop would not let time pass
					}
					return store.Token{}, why
				}}
				s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: f, BreakerTimeout: timeout, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				swap(t, s, store.Token{}, newToken(t, "a", time.Hour))
				time.Sleep(wait)
				if n := writes.Load(); n < 2 || n > 100 {
					t.Errorf("%v, %v: %d writes in %v", timeout, why, n, wait)
				}
			})
		}
	}
}

// A key that could not be looked at because this process was busy is looked at soon, also if the
// breaker would stay open for long.
func TestLookOfABusyProcessIsMadeAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		var w watch
		f, near := new(far), new(store.Map)
		s, err := tiered.New(tiered.Config{Near: near, Far: f, Watch: &w, BreakerTimeout: time.Hour, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		swap(t, s, store.Token{}, a)
		defer s.Follow(key, nil)()
		time.Sleep(2 * time.Second) // the first looks are over
		swap(t, &f.Map, a, b)
		f.set(store.ErrBusy, 0)
		w.tell(false)
		synctest.Wait()
		f.set(nil, 0)
		time.Sleep(2 * time.Second)
		holds(t, "near", near, "b")
	})
}
