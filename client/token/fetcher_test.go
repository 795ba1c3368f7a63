package token_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// team returns n Sources that share a Fetcher and a store, as the clients of one identity
// on one Stores do. Unset fields of cfg are filled in as by start.
func team(t *testing.T, g *gateway, n int, cfg token.Config) []*token.Source {
	t.Helper()
	if cfg.Fetcher == nil {
		cfg.Fetcher = token.NewFetcher()
	}
	if cfg.Store == nil {
		cfg.Store = new(store.Map)
	}
	sources := make([]*token.Source, n)
	for i := range sources {
		sources[i] = start(t, g, cfg)
	}
	return sources
}

// each calls fn for each Source at a time, many times.
func each(sources []*token.Source, times int, fn func(*token.Source)) {
	var wg sync.WaitGroup
	for _, s := range sources {
		for range times {
			wg.Go(func() { fn(s) })
		}
	}
	wg.Wait()
}

func TestSourcesThatShareAFetcherMakeOneFetch(t *testing.T) {
	for _, n := range []int{1, 4, 64} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: time.Second}
				sources := team(t, g, n, token.Config{})
				each(sources, 100, func(s *token.Source) {
					if f, err := s.Lookup(t.Context(), 0); err != nil || f.Token.Reveal() != "token-1" || !f.Waited {
						t.Errorf("Lookup = %+v, %v", f, err)
					}
				})
				if n := g.fetches.Load(); n != 1 {
					t.Errorf("%d fetches", n)
				}
				var counted uint64
				for _, s := range sources {
					counted += s.Stats().Fetches
				}
				if counted != 1 {
					t.Errorf("%d fetches counted", counted)
				}
			})
		})
	}
}

func TestSourcesThatShareAFetcherRenewOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		sources := team(t, g, 4, token.Config{})
		for range int(8 * time.Hour / (10 * time.Second)) {
			for _, s := range sources {
				mustToken(t, s)
			}
			time.Sleep(10 * time.Second)
		}
		const least = 10 // 8 h / 53 min, rounded up
		if n := g.fetches.Load(); n < least || n > least*12/10 {
			t.Errorf("%d fetches in 8 h, want %d to %d", n, least, least*12/10)
		}
	})
}

// The clients of one process back off as one does, and heed one Retry-After.
func TestSourcesThatShareAFetcherBackOffAsOne(t *testing.T) {
	attempts := func(n int, retryAfter time.Duration) (times []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			g := &gateway{err: errors.New("down")}
			sources := team(t, g, n, token.Config{Errors: classified(func(error) (bool, time.Duration) { return false, retryAfter })})
			began := time.Now()
			for time.Since(began) < 10*time.Minute {
				var failed *token.FetchError
				each(sources, 1, func(s *token.Source) {
					if _, err := s.Token(t.Context(), 0); !errors.As(err, new(*token.FetchError)) {
						t.Errorf("Token: %v", err)
					}
				})
				if _, err := sources[0].Token(t.Context(), 0); errors.As(err, &failed) {
					time.Sleep(time.Until(failed.NextAttempt))
				}
			}
			for _, at := range g.times() {
				times = append(times, at.Sub(began))
			}
		})
		return times
	}
	for _, n := range []int{4, 64} {
		if got, want := attempts(n, time.Minute), attempts(1, time.Minute); !slices.Equal(got, want) {
			t.Errorf("%d Sources tried at %v, one at %v", n, got, want)
		}
		// With full jitter: pauses of 1 to 60 s, half of that on average.
		if got := len(attempts(n, 0)); got > 60 {
			t.Errorf("%d Sources tried %d times in 10 minutes", n, got)
		}
	}
}

func TestSourcesThatShareAFetcherAreRefusedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{err: errors.New("wrong password")}
		sources := team(t, g, 4, token.Config{Errors: classified(refused), Credentials: "x"})
		for range 600 { // ten minutes
			each(sources, 1, func(s *token.Source) {
				var failed *token.FetchError
				if _, err := s.Token(t.Context(), 0); !errors.As(err, &failed) || !failed.Refused {
					t.Errorf("Token: %v", err)
				}
			})
			time.Sleep(time.Second)
		}
		if n := g.fetches.Load(); n != 10 {
			t.Errorf("%d attempts in ten minutes", n)
		}
	})
}

func refused(error) (bool, time.Duration) { return true, 0 }

func down(error) (bool, time.Duration) { return false, 0 }

// Whoever has the right password is not held up by somebody who has the wrong one.
func TestFailureBelongsToTheCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong, right := &gateway{err: errors.New("wrong password")}, new(gateway)
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map), Errors: classified(refused), Credentials: "wrong"}
		w := start(t, wrong, cfg)
		cfg.Credentials = "right"
		r := start(t, right, cfg)
		for range 3 {
			if _, err := w.Refresh(t.Context()); !errors.Is(err, wrong.err) {
				t.Errorf("the wrong one: %v", err)
			}
			if _, err := r.Refresh(t.Context()); err != nil {
				t.Errorf("the right one: %v", err)
			}
		}
		if wrong.fetches.Load() != 3 || right.fetches.Load() != 3 {
			t.Errorf("%d and %d fetches, want 3 of each", wrong.fetches.Load(), right.fetches.Load())
		}
	})
}

// An endpoint that always says 401 costs three token requests a minute, whoever asks it,
// and with whatever passwords.
func TestSourcesThatShareAFetcherHaveOneBudget(t *testing.T) {
	for name, credentials := range map[string][]string{"one password": {"a"}, "two passwords": {"a", "b"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: 100 * time.Millisecond}
				var sources []*token.Source
				cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map)}
				for _, cfg.Credentials = range credentials {
					sources = append(sources, team(t, g, 4, cfg)...)
				}
				mustToken(t, sources[0])
				for range 5 {
					before := g.fetches.Load()
					for range 599 { // nearly a minute
						each(sources, 1, func(s *token.Source) {
							_ = s.Reject(t.Context(), mustToken(t, s))
						})
						time.Sleep(100 * time.Millisecond)
					}
					if n := g.fetches.Load() - before; n > 2*3 {
						t.Errorf("%d fetches in a minute", n) // a window may end within it
					}
				}
				if n := g.fetches.Load() - 1; n > 3*6 {
					t.Errorf("%d fruitless fetches in five minutes and a bit, want three a minute", n)
				}
			})
		})
	}
}

// One revoked token, met by all: one fetch, and one event.
func TestRejectionAcrossSourcesIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told script
		g := &gateway{latency: time.Second}
		sources := team(t, g, 4, token.Config{Hooks: told.hooks()})
		tok := mustToken(t, sources[0])
		each(sources, 100, func(s *token.Source) {
			if err := s.Reject(t.Context(), tok); err != nil {
				t.Errorf("Reject: %v", err)
			}
			if tok := mustToken(t, s); tok.Reveal() != "token-2" {
				t.Errorf("then %q", tok.Reveal())
			}
		})
		var seen []string
		for _, e := range told.take() {
			if e != `renewal planned "token-1"` && e != `renewal planned "token-2"` { // each Source has its own plan
				seen = append(seen, e)
			}
		}
		want := []string{
			"fetch start", `rotated "" to "token-1", fetched`, `fetch done "token-1" false 1s`,
			`rejected "token-1"`, "fetch start", `rotated "token-1" to "token-2", fetched`, `fetch done "token-2" false 1s`,
		}
		slices.Sort(seen)
		slices.Sort(want)
		if !slices.Equal(seen, want) {
			t.Errorf("told:\n got %q\nwant %q", seen, want)
		}
		var rejects uint64
		for _, s := range sources {
			rejects += s.Stats().Rejects
		}
		if g.fetches.Load() != 2 || rejects != 1 {
			t.Errorf("%d fetches, %d rejections counted", g.fetches.Load(), rejects)
		}
	})
}

// A Refresh gets no token of a fetch that began before it, whichever Source began that.
func TestRefreshAcrossSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second}
		sources := team(t, g, 4, token.Config{})
		go func() { _, _ = sources[0].Token(context.Background(), 0) }()
		time.Sleep(time.Second) // its fetch is under way
		each(sources, 25, func(s *token.Source) {
			if f, err := s.Refresh(t.Context()); err != nil || f.Token.Reveal() != "token-2" {
				t.Errorf("Refresh = %q, %v; want the second token", f.Token.Reveal(), err)
			}
		})
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want 2", n)
		}
	})
}

func TestRefreshDoesNotTakeTheFailureOfAnOlderFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second, err: errors.New("down")}
		sources := team(t, g, 4, token.Config{})
		go func() { _, _ = sources[0].Token(context.Background(), 0) }()
		time.Sleep(time.Second)
		time.AfterFunc(1500*time.Millisecond, func() { g.fail(nil) })
		each(sources, 25, func(s *token.Source) {
			if f, err := s.Refresh(t.Context()); err != nil || f.Token.Reveal() != "token-2" {
				t.Errorf("Refresh = %q, %v; want the second token", f.Token.Reveal(), err)
			}
		})
	})
}

// Who joins the run of one that asked for less runs again.
func TestAtLeastAcrossSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second, life: 10 * time.Minute}
		sources := team(t, g, 2, token.Config{OneShot: true})
		go func() { _, _ = sources[0].Token(context.Background(), 0) }()
		time.Sleep(500 * time.Millisecond)
		time.AfterFunc(time.Second, func() { // when the first token is there
			g.mu.Lock()
			defer g.mu.Unlock()
			g.life = 0
		})
		if tok, err := sources[1].Token(t.Context(), 20*time.Minute); err != nil || tok.Reveal() != "token-2" {
			t.Errorf("Token = %q, %v; want one that lasts", tok.Reveal(), err)
		}
	})
}

// The context of each caller ends its own wait, and no other.
func TestCallerOfOneSourceLeavesTheOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		sources := team(t, g, 4, token.Config{})
		var wg sync.WaitGroup
		for i, s := range sources {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*300*time.Millisecond)
				defer cancel()
				began := time.Now()
				_, err := s.Token(ctx, 0)
				if left := i < 3; left != errors.Is(err, context.DeadlineExceeded) || !left && err != nil {
					t.Errorf("Source %d: %v", i, err)
				}
				if took, want := time.Since(began), min(time.Second, time.Duration(i+1)*300*time.Millisecond); took != want {
					t.Errorf("Source %d waited %v, want %v", i, took, want)
				}
			})
			time.Sleep(0)
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

// Two passwords that are both right, as while one replaces the other, share a token: where
// no lease orders them, the second finds the token of the first.
func TestPasswordsThatAreBothRightMakeOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map)}
		var sources []*token.Source
		for _, cfg.Credentials = range []string{"old", "new"} {
			sources = append(sources, team(t, g, 2, cfg)...)
		}
		each(sources, 100, func(s *token.Source) {
			if f, err := s.Lookup(t.Context(), 0); err != nil || f.Token.Reveal() != "token-1" || !f.Waited {
				t.Errorf("Lookup = %+v, %v", f, err)
			}
		})
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

// Whoever waits for a fetch with another password goes on when that takes too long.
func TestPasswordWhoseFetchHangsHoldsNoOtherUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: new(store.Map), Credentials: "hangs"}
		hangs := start(t, &gateway{latency: time.Hour}, cfg)
		go func() { _, _ = hangs.Token(context.Background(), 0) }()
		synctest.Wait()
		cfg.Credentials = "works"
		works := start(t, new(gateway), cfg)
		began := time.Now()
		mustToken(t, works)
		if took := time.Since(began); took > 4*time.Second {
			t.Errorf("waited %v", took)
		}
		for range 3 { // and nothing of that stays
			began = time.Now()
			if _, err := works.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("a Refresh waited %v", took)
			}
			time.Sleep(time.Hour)
		}
	})
}

// A fetch, or the token of another one, is over for the other passwords of the key as well.
func TestPasswordIsNotHeldUpByWhatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store.Map)
		cfg := token.Config{Fetcher: token.NewFetcher(), Store: st, Credentials: "old"}
		cfg.Tiers = lease.Tiers{Near: new(store.Map), Reread: st.Get}
		old := start(t, new(gateway), cfg)
		cfg.Tiers.Near, cfg.Credentials = new(store.Map), "new"
		other := start(t, new(gateway), cfg)
		began := time.Now()
		first := mustToken(t, old)                    // fetched
		if tok := mustToken(t, other); tok != first { // adopted
			t.Errorf("got %v, not %v", tok, first)
		}
		for _, s := range []*token.Source{old, other, old, other} {
			if _, err := s.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("waited %v for nothing", took)
		}
	})
}
