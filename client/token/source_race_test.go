package token_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store/lease"
)

// Everything may be called at any moment, by Sources that share what they know as well. The race
// detector watches; without it this is a test that nothing hangs or panics.
func TestEverythingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 100 * time.Millisecond}
		shared, l := fleet()
		cfg := token.Config{
			Store: shared, Tiers: lease.Tiers{Lease: l}, Fetcher: token.NewFetcher(), Credentials: "the same",
			Errors: classified(func(error) (bool, time.Duration) { return false, time.Millisecond }),
		}
		sources := team(t, g, 4, cfg)
		first := mustFind(t, sources[0])
		newer := newToken(t, "newer", time.Hour)
		ops := map[string]func(*token.Source){
			"Token":   func(s *token.Source) { _, _ = s.Token(t.Context(), 0) },
			"atLeast": func(s *token.Source) { _, _ = s.Token(t.Context(), 20*time.Minute) },
			"Refresh": func(s *token.Source) { _, _ = s.Refresh(t.Context()) },
			"Reject": func(s *token.Source) {
				if tok, err := s.Token(t.Context(), 0); err == nil {
					_ = s.Reject(t.Context(), tok)
				}
			},
			"longer": func(s *token.Source) { foundhook.Longer(t.Context(), first, 20*time.Minute) },
			"doubted": func(s *token.Source) {
				found, _ := s.Lookup(t.Context(), 0)
				foundhook.Doubted(t.Context(), found)
			},
			"contradicted": func(s *token.Source) {
				found, _ := s.Lookup(t.Context(), 0)
				foundhook.Contradicted(found)
				foundhook.Accepted(found)
				_ = foundhook.RejectUntested(t.Context(), found)
			},
			"Status": func(s *token.Source) { s.Status() },
			"Stats":  func(s *token.Source) { s.Stats(); s.Metrics() },
			"opened": func(*token.Source) { // and closed, with and without a call
				for _, credentials := range []string{"the same", "of its own"} {
					one := cfg
					one.Credentials = credentials
					s := start(t, g, one)
					_, _ = s.Token(t.Context(), 0)
					s.Close()
					start(t, g, one).Close()
				}
			},
			"another process": func(*token.Source) {
				_, _ = shared.CompareAndSwap(t.Context(), key, first.Token, newer)
				_ = shared.CompareAndDelete(t.Context(), key, newer)
			},
			"outage": func(*token.Source) {
				g.fail(errors.New("down"))
				time.Sleep(250 * time.Millisecond) // so that fetches meet it
				g.fail(nil)
			},
			"another process fetches": func(*token.Source) {
				one := cfg
				one.Fetcher = nil
				s := start(t, g, one)
				_, _ = s.Refresh(t.Context())
				s.Close()
			},
		}
		var all sync.WaitGroup
		for _, op := range ops {
			for _, s := range sources {
				all.Go(func() {
					for i := range 20 {
						op(s)
						time.Sleep(time.Duration(i) * 10 * time.Millisecond)
					}
				})
			}
		}
		all.Wait()
		time.Sleep(10 * time.Minute) // what is remembered ends
		if _, err := sources[0].Token(context.Background(), 0); err != nil {
			t.Error(err)
		}
	})
}
