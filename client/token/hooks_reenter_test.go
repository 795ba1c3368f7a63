package token_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// reentrant is everything of the caller's. It calls fn once, in one place.
type reentrant struct {
	store.Map
	place  string
	fn     func()
	called atomic.Bool
}

func (r *reentrant) enter(where string) {
	if where == r.place && r.fn != nil && !r.called.Swap(true) {
		r.fn()
	}
}

func (r *reentrant) Get(ctx context.Context, key string) (store.Token, error) {
	r.enter("Get")
	return r.Map.Get(ctx, key)
}

func (r *reentrant) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	r.enter("CompareAndSwap")
	return r.Map.CompareAndSwap(ctx, key, old, tok)
}

func (r *reentrant) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	r.enter("CompareAndDelete")
	return r.Map.CompareAndDelete(ctx, key, old)
}

func (r *reentrant) Acquire(context.Context, string, lease.Ask) (lease.Outcome, error) {
	r.enter("Acquire")
	return lease.Outcome{Release: func(*lease.Failure) { r.enter("Release") }}, nil
}

func (r *reentrant) Enabled(context.Context, slog.Level) bool  { r.enter("Enabled"); return true }
func (r *reentrant) Handle(context.Context, slog.Record) error { r.enter("Handle"); return nil }
func (r *reentrant) WithAttrs([]slog.Attr) slog.Handler        { return r }
func (r *reentrant) WithGroup(string) slog.Handler             { return r }
func (r *reentrant) follow(_ string, moved func(store.Token)) func() {
	r.enter("Follow")
	tok, _ := store.NewToken("moved", time.Now(), time.Now().Add(time.Hour))
	moved(tok) // at once
	return func() { r.enter("stop") }
}

// atHand returns a Found of s, with a token or without one, and waits for nothing.
func atHand(s *token.Source) token.Found {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f, _ := s.Lookup(ctx, 0)
	return f
}

// Whatever of the caller's is called may call the Source: no lock is held.
func TestWhatIsCalledMayCallTheSource(t *testing.T) {
	places := []string{
		"Get", "CompareAndSwap", "CompareAndDelete", "Acquire", "Release", "Reread", "Enabled", "Handle", "Follow", "stop", "Classify",
		"FetchStart", "FetchDone", "Rotated", "Rejected", "RenewalPlanned", "Lapsed",
	}
	for what, fn := range map[string]func(context.Context, *token.Source){
		"nothing": func(context.Context, *token.Source) {},
		"Stats":   func(_ context.Context, s *token.Source) { s.Stats() },
		"Token":   func(ctx context.Context, s *token.Source) { _, _ = s.Token(ctx, 0) },
		"Lookup":  func(ctx context.Context, s *token.Source) { _, _ = s.Lookup(ctx, time.Minute) },
		"Refresh": func(ctx context.Context, s *token.Source) { _, _ = s.Refresh(ctx) },
		"Reject":  func(ctx context.Context, s *token.Source) { f, _ := s.Lookup(ctx, 0); _ = s.Reject(ctx, f.Token) },
		"Longer":  func(ctx context.Context, s *token.Source) { foundhook.Longer(ctx, atHand(s), time.Minute) },
		"Accepted": func(_ context.Context, s *token.Source) {
			f := atHand(s)
			foundhook.Accepted(f)
			foundhook.Contradicted(f)
		},
		"Close": func(_ context.Context, s *token.Source) { s.Close() },
	} {
		for _, place := range places {
			t.Run(what+" in "+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r, g := &reentrant{place: place}, &gateway{latency: time.Second}
					var s *token.Source
					within := func(where string) func() { return func() { r.enter(where) } }
					cfg := token.Config{
						Store: r, Tiers: lease.Tiers{Near: new(store.Map), Lease: r, Follow: r.follow, Reread: func(ctx context.Context, key string) (store.Token, error) {
							r.enter("Reread")
							return r.Map.Get(ctx, key)
						}}, Key: key, Fetch: g.fetch, Logger: slog.New(r),
						Errors: classified(func(error) (bool, time.Duration) { r.enter("Classify"); return false, 0 }),
						Hooks: token.Hooks{
							FetchStart: within("FetchStart"), FetchDone: func(token.Fetch) { r.enter("FetchDone") },
							Rotated: func(token.Rotation) { r.enter("Rotated") }, Rejected: func(store.Token) { r.enter("Rejected") },
							RenewalPlanned: func(store.Token, time.Time) { r.enter("RenewalPlanned") }, Lapsed: func(store.Token) { r.enter("Lapsed") },
						},
					}
					if place == "Reread" {
						cfg.Tiers.Lease = nil
					}
					if place == "Get" || place == "CompareAndSwap" {
						cfg.Tiers.Near = nil
					}
					s, err := token.New(cfg)
					if err != nil {
						t.Fatal(err)
					}
					defer s.Close()
					r.fn = func() {
						ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
						defer cancel()
						fn(ctx, s)
					}
					ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
					defer cancel()
					call := func() { // with all that can happen to a token
						if _, err := s.Lookup(ctx, 0); err != nil && what != "Close" {
							t.Errorf("Lookup: %v", err)
						}
					}
					call()
					f, _ := s.Lookup(ctx, 0)
					_ = s.Reject(ctx, f.Token)
					call()
					g.fail(errors.New("down"))
					_, _ = s.Refresh(ctx)
					g.fail(nil)
					time.Sleep(3 * time.Hour) // it lapses
					ctx, cancel = context.WithTimeout(t.Context(), 2*time.Minute)
					defer cancel()
					call()
					s.Close()
					if !r.called.Load() {
						t.Errorf("%s was never called", place)
					}
				})
			})
		}
	}
}
