package tiered_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// A hook may call the store, and Close does not wait for those that do.
func TestHooksMayCallTheStore(t *testing.T) {
	for name, c := range map[string]struct{ up, explained bool }{
		"FarDown": {}, "FarUp": {up: true}, "FarDown, explained": {explained: true}, "FarUp, explained": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, f := new(store.Map), new(far)
				var s *tiered.Store
				var took time.Duration
				called := 0
				within := func() {
					called++
					began := time.Now()
					_, _ = s.Get(t.Context(), key)
					_, _ = s.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "another", time.Hour))
					s.Follow(key, nil)()
					s.Stats()
					_ = s.Close()
					took = time.Since(began)
				}
				cfg := tiered.Config{Near: near, Far: f, Logger: slog.New(slog.DiscardHandler)}
				if c.explained {
					cfg.Explain = func(_ context.Context, err error) error { return err }
				}
				if cfg.Hooks.FarDown = func(error) { within() }; c.up {
					cfg.Hooks = tiered.Hooks{FarUp: within}
				}
				s, err := tiered.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				f.set(errDown, 0)
				_, _ = s.Get(t.Context(), key)
				f.set(nil, 0)
				time.Sleep(time.Minute)
				_, _ = s.Get(t.Context(), key)
				time.Sleep(time.Minute)
				synctest.Wait()
				if called != 1 || took >= tiered.DefaultFarTimeout {
					t.Errorf("%d calls; the last took %v", called, took)
				}
			})
		})
	}
}
