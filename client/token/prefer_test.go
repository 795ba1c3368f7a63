package token_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestPreferDoesNotFetchWhatAGatewayWithShortTokensCannotGive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{life: 20 * time.Second}
		s := start(t, g, token.Config{OneShot: true})
		for range 10 {
			prefer(t, s, 30*time.Second)
		}
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches for ten calls", n)
		}
	})
}

// prefer does what Transport does.
func prefer(t *testing.T, s *token.Source, atLeast time.Duration) token.Found {
	t.Helper()
	return foundhook.Longer(t.Context(), mustFind(t, s), atLeast).(token.Found)
}

func TestPrefer(t *testing.T) {
	const left, latency = 10 * time.Minute, 500 * time.Millisecond
	for _, c := range []struct {
		name    string
		atLeast time.Duration
		gateway func(*gateway)
		want    string
		wait    time.Duration
	}{
		{"long enough", 5 * time.Minute, nil, "token-1", 0},
		{"just long enough", left, nil, "token-1", 0},
		{"a longer one is had", 20 * time.Minute, nil, "token-2", latency},
		{"just what can be promised", (55*time.Minute - 10*time.Second) / 2, nil, "token-2", latency},
		{"more than can be promised", 30 * time.Minute, nil, "token-1", 0},
		{"gateway down", 20 * time.Minute, func(g *gateway) { g.fail(errors.New("down")) }, "token-1", latency},
		{"gateway hangs", 20 * time.Minute, func(g *gateway) { g.latency = time.Hour }, "token-1", time.Second},
		{"a little more, gateway hangs", left + time.Second, func(g *gateway) { g.latency = time.Hour }, "token-1", time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: latency}
				s := start(t, g, token.Config{OneShot: true})
				mustToken(t, s)
				time.Sleep(55*time.Minute - 10*time.Second - latency - left)
				if c.gateway != nil {
					c.gateway(g)
				}
				began := time.Now()
				f := prefer(t, s, c.atLeast)
				if f.Token.Reveal() != c.want || time.Since(began) != c.wait {
					t.Errorf("Longer = %q after %v; want %s after %v", f.Token.Reveal(), time.Since(began), c.want, c.wait)
				}
				if f.Waited != (c.wait > 0) {
					t.Errorf("it says that it waited: %t, and did so for %v", f.Waited, c.wait)
				}
				if c.gateway != nil {
					time.Sleep(time.Second) // the failure is known by now
				}
				began = time.Now()
				if f := prefer(t, s, c.atLeast); f.Token.Reveal() != c.want || time.Since(began) != 0 {
					t.Errorf("again: %q after %v", f.Token.Reveal(), time.Since(began))
				}
			})
		})
	}
}

func TestPreferAsksNobodyWhileTheLastFetchHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{OneShot: true})
		tok := mustToken(t, s)
		time.Sleep(time.Until(tok.Expiry()) - 10*time.Minute)
		g.fail(errors.New("down"))
		_, _ = s.Refresh(t.Context())
		time.Sleep(time.Minute) // another attempt would be due, but is not this call's business
		if f := prefer(t, s, 20*time.Minute); !f.Token.Equal(tok) || f.Waited || g.fetches.Load() != 2 {
			t.Errorf("Longer = %q, waited: %v, after %d fetches", f.Token.Reveal(), f.Waited, g.fetches.Load())
		}
	})
}

func TestPreferWaitsAQuarterOfWhatIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{OneShot: true})
		tok := mustToken(t, s)
		time.Sleep(time.Until(tok.Expiry()) - time.Second)
		g.latency = time.Hour
		began := time.Now()
		if f := prefer(t, s, 2*time.Second); !f.Token.Equal(tok) || time.Since(began) != 500*time.Millisecond {
			t.Errorf("Longer = %q after %v, want 500ms", f.Token.Reveal(), time.Since(began))
		}
	})
}

// The gateway hangs while the token comes to its end: one call waits a second for a
// longer one, and no other waits at all as long as that fetch goes on.
func TestPreferMakesOneCallWaitWhileTheGatewayHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{OneShot: true})
		tok := mustToken(t, s)
		time.Sleep(time.Until(tok.Expiry()) - 25*time.Second)
		g.latency = time.Hour
		var wg sync.WaitGroup
		var waited atomic.Int64
		call := func() {
			began := time.Now()
			if f := prefer(t, s, 30*time.Second); !f.Token.Equal(tok) {
				t.Errorf("Longer = %q", f.Token.Reveal())
			}
			waited.Add(int64(time.Since(began)))
		}
		for range 10 {
			wg.Go(call)
		}
		wg.Wait()
		for range 20 {
			call()
			time.Sleep(time.Second)
		}
		if total := time.Duration(waited.Load()); total > time.Second {
			t.Errorf("30 calls waited %v in all, want a second", total)
		}
	})
}

// A caller who leaves has not found out that the gateway hangs.
func TestPreferOfACallerWhoLeavesSaysNothingAboutTheGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{OneShot: true})
		have := mustFind(t, s)
		time.Sleep(time.Until(have.Token.Expiry()) - 25*time.Second)
		g.latency = 500 * time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		foundhook.Longer(ctx, have, 30*time.Second)
		if f := prefer(t, s, 30*time.Second); f.Token.Equal(have.Token) {
			t.Error("did not wait for the fetch that goes on")
		}
	})
}

// What one call has waited for with success says nothing about the next fetch.
func TestPreferWaitsAgainAfterASuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 500 * time.Millisecond}
		s := start(t, g, token.Config{OneShot: true})
		for round := range 3 {
			have := mustFind(t, s)
			time.Sleep(time.Until(have.Token.Expiry()) - 25*time.Second)
			if round > 0 { // a fetch is under way already
				go func() { _, _ = s.Refresh(t.Context()) }()
				synctest.Wait()
			}
			if f := prefer(t, s, 30*time.Second); f.Token.Equal(have.Token) || !f.Waited {
				t.Errorf("round %d: Longer = %q, waited: %v", round, f.Token.Reveal(), f.Waited)
			}
		}
	})
}

func TestPreferRemembersThatTheCallHasWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := new(store.Map)
		s := start(t, new(gateway), token.Config{Store: shared, Tiers: lease.Tiers{Near: new(store.Map)}})
		_, _ = shared.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "longer", time.Hour))
		have := mustFind(t, s)
		have.Token, have.Origin, have.Waited = newToken(t, "short", 10*time.Second), token.Fetched, true
		if f := foundhook.Longer(t.Context(), have, time.Minute).(token.Found); f.Token.Reveal() != "longer" || !f.Waited {
			t.Errorf("Longer = %q, waited: %v", f.Token.Reveal(), f.Waited)
		}
	})
}

// What one call has waited for in vain says nothing about the fetches after that one.
func TestPreferWaitsAgainAfterAVainWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second}
		s := start(t, g, token.Config{OneShot: true})
		for round := range 3 {
			have := mustFind(t, s)
			time.Sleep(time.Until(have.Token.Expiry()) - 25*time.Second)
			if f := prefer(t, s, 30*time.Second); !f.Token.Equal(have.Token) || !f.Waited {
				t.Errorf("round %d: Longer = %q, waited: %v", round, f.Token.Reveal(), f.Waited)
			}
			time.Sleep(5 * time.Second) // the fetch has ended, and its token is there
			if f := prefer(t, s, 10*time.Second); f.Token.Equal(have.Token) {
				t.Errorf("round %d: then %q", round, f.Token.Reveal())
			}
		}
	})
}
