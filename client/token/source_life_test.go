package token_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestSourceSurvivesTenThousandFailures(t *testing.T) {
	failures := int64(10_000)
	if underRace {
		failures /= 10 // for time
	}
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{err: errors.New("down")}
		s := start(t, g, token.Config{})
		for g.fetches.Load() < failures {
			_, _ = s.Refresh(t.Context())
		}
		g.fail(nil)
		time.Sleep(time.Minute)
		mustToken(t, s)
		time.Sleep(51 * time.Minute)
		if n := g.fetches.Load(); n != failures+2 {
			t.Errorf("%d fetches, want the recovery and a renewal after the %d failures", n, failures)
		}
	})
}

func TestRenewalSurvivesWhatPanicsOrExits(t *testing.T) {
	for _, c := range []struct {
		broken string
		end    func()
	}{
		{"fetch", func() { panic("broken") }}, {"fetch", runtime.Goexit},
		{"store", func() { panic("broken") }}, {"store", runtime.Goexit},
		{"hook", func() { panic("broken") }}, {"hook", runtime.Goexit},
		{"logger", func() { panic("broken") }}, {"logger", runtime.Goexit},
	} {
		broken := c.broken
		t.Run(broken, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var on atomic.Bool
				panics := func(what string) {
					if what == broken && on.Load() {
						c.end()
					}
				}
				g, st := new(gateway), new(store.Map)
				cfg := token.Config{
					Store: st, Key: key, Logger: slog.New(panicHandler{func() { panics("logger") }}),
					Fetch: func(ctx context.Context) (store.Token, error) { panics("fetch"); return g.fetch(ctx) },
					Tiers: lease.Tiers{Reread: func(ctx context.Context, key string) (store.Token, error) { panics("store"); return st.Get(ctx, key) }},
					Hooks: token.Hooks{FetchStart: func() { panics("hook") }},
				}
				s, err := token.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				first := mustToken(t, s)
				on.Store(true)
				_, _ = day(t, s, 51*time.Minute) // renewals fail, the token serves
				if tok := mustToken(t, s); broken != "logger" && !tok.Equal(first) {
					t.Errorf("got %q while the %s is broken", tok.Reveal(), broken)
				}
				on.Store(false)
				if waited, err := day(t, s, 3*time.Hour); waited != 0 || err != nil {
					t.Errorf("after that %d calls waited, error %v", waited, err)
				}
			})
		})
	}
}

func TestCloseInEveryState(t *testing.T) {
	for name, reach := range map[string]func(*testing.T, *gateway, *token.Source){
		"new":      func(*testing.T, *gateway, *token.Source) {},
		"fetching": func(t *testing.T, g *gateway, s *token.Source) { go s.Token(context.Background(), 0); synctest.Wait() },
		"fresh":    func(t *testing.T, g *gateway, s *token.Source) { mustToken(t, s) },
		"renewing": func(t *testing.T, g *gateway, s *token.Source) {
			mustToken(t, s)
			for g.fetches.Load() == 1 {
				time.Sleep(time.Second)
			}
		},
		"lapsed": func(t *testing.T, g *gateway, s *token.Source) { mustToken(t, s); time.Sleep(10 * time.Hour) },
		"failed": func(t *testing.T, g *gateway, s *token.Source) {
			g.fail(errors.New("down"))
			_, _ = s.Token(context.Background(), 0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // fails if a goroutine stays
				g := &gateway{latency: 5 * time.Second}
				s := start(t, g, token.Config{})
				reach(t, g, s)
				before := g.fetches.Load()
				s.Close()
				s.Close()
				synctest.Wait()
				time.Sleep(10 * time.Hour)
				if n := g.fetches.Load(); n != before {
					t.Errorf("%d fetches after Close", n-before)
				}
				if _, err := s.Refresh(t.Context()); !errors.Is(err, token.ErrClosed) {
					t.Errorf("Refresh after Close: %v", err)
				}
			})
		})
	}
}

// panicHandler is a slog.Handler that calls a function for each record.
type panicHandler struct{ handle func() }

func (panicHandler) Enabled(context.Context, slog.Level) bool    { return true }
func (h panicHandler) Handle(context.Context, slog.Record) error { h.handle(); return nil }
func (h panicHandler) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h panicHandler) WithGroup(string) slog.Handler             { return h }
