package tiered_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered"
)

// An exchange in which near panics is over: a gap after it is kept for no other token.
func TestGapAfterAnExchangeThatPanicked(t *testing.T) {
	for name, exchange := range map[string]func(*tiered.Store){
		"a lease": func(s *tiered.Store) { _, _ = s.Acquire(context.Background(), key, lease.Ask{}) },
		"a read":  func(s *tiered.Store) { _, _ = s.Get(context.Background(), key) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
				var w watch
				f := new(store.Map)
				near := &stalls{meanwhile: func() { panic("near") }}
				s, err := tiered.New(tiered.Config{Near: near, Far: f, Lease: &leasemap.Map{Store: f}, Watch: &w, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				defer s.Follow(key, nil)()
				time.Sleep(2 * time.Second) // the first looks are over
				swap(t, f, store.Token{}, a)
				func() {
					defer func() { _ = recover() }()
					exchange(s)
				}()
				near.meanwhile = func() {}
				if err := s.CompareAndDelete(t.Context(), key, a); err != nil {
					t.Fatal(err)
				}
				w.tell(true)
				time.Sleep(2 * time.Second)
				swap(t, s, store.Token{}, b)
				_ = f.CompareAndDelete(t.Context(), key, b)
				w.tell(false)
				time.Sleep(time.Minute)
				holds(t, "near", &near.Map, "")
				holds(t, "far", f, "")
			})
		})
	}
}
