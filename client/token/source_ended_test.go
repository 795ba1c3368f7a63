package token_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// heedful is a store whose Get returns what its caller's context ended with.
type heedful struct{ store.Map }

func (*heedful) Get(ctx context.Context, _ string) (store.Token, error) {
	<-ctx.Done()
	return store.Token{}, context.Cause(ctx)
}

// A caller whose context has ended is told that, and of the cause as text: with an
// errgroup it is another call's error. No store is to blame.
func TestCallerWhoseContextHasEndedIsToldThatAndNothingElse(t *testing.T) {
	foreign := errors.New("the error of another call")
	for name, cfg := range map[string]func() token.Config{
		"waiting for the gateway": func() token.Config { return token.Config{} },
		"waiting for near":        func() token.Config { return token.Config{Store: new(heedful)} },
		"waiting for near of two": func() token.Config {
			return token.Config{Store: new(store.Map), Tiers: lease.Tiers{Near: new(heedful)}}
		},
	} {
		for how, ask := range map[string]func(context.Context, *token.Source) error{
			"Token":   func(ctx context.Context, s *token.Source) error { _, err := s.Token(ctx, 0); return err },
			"Lookup":  func(ctx context.Context, s *token.Source) error { _, err := s.Lookup(ctx, time.Minute); return err },
			"Refresh": func(ctx context.Context, s *token.Source) error { _, err := s.Refresh(ctx); return err },
			"Reject": func(ctx context.Context, s *token.Source) error {
				err := s.Reject(ctx, newToken(t, "a", time.Hour))
				<-ctx.Done()
				if err == nil || errors.Is(err, token.ErrRejectBudget) {
					return fmt.Errorf("%w: %v", ctx.Err(), foreign) // nothing to wait for
				}
				return err
			},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := start(t, &gateway{latency: 20 * time.Second}, cfg())
					ctx, cancel := context.WithCancelCause(t.Context())
					time.AfterFunc(time.Second, func() { cancel(foreign) })
					err := ask(ctx, s)
					if !errors.Is(err, context.Canceled) || errors.Is(err, foreign) || errors.Is(err, token.ErrStore) || !strings.Contains(err.Error(), foreign.Error()) {
						t.Errorf("cancelled: %v", err)
					}
					ctx, stop := context.WithTimeout(t.Context(), time.Second)
					defer stop()
					err = ask(ctx, s)
					if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, token.ErrStore) || how != "Reject" && !timesOut(err) {
						t.Errorf("out of time: %v", err)
					}
				})
			})
		}
	}
}

// timesOut reports whether an error says so in the ways that callers look at.
func timesOut(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout() && (&url.Error{Err: err}).Timeout() && errors.Is(err, context.DeadlineExceeded)
}

// slowNet is how the net package says that time ran out.
type slowNet struct{}

func (slowNet) Error() string   { return "i/o timeout" }
func (slowNet) Timeout() bool   { return true }
func (slowNet) Temporary() bool { return true }

func TestFetchThatRunsOutOfTimeSaysSo(t *testing.T) {
	for name, tt := range map[string]struct {
		fetch func(context.Context) (store.Token, error)
		want  bool
	}{
		"hangs":             {func(context.Context) (store.Token, error) { select {} }, true},
		"heeds its context": {func(ctx context.Context) (store.Token, error) { <-ctx.Done(); return store.Token{}, ctx.Err() }, true},
		"network":           {func(context.Context) (store.Token, error) { return store.Token{}, fmt.Errorf("dial: %w", slowNet{}) }, true},
		"refused":           {func(context.Context) (store.Token, error) { return store.Token{}, errors.New("connection refused") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "hangs" { // its goroutine stays, which a bubble does not allow
				s := start(t, nil, token.Config{Fetch: tt.fetch, FetchTimeout: 10 * time.Millisecond})
				if _, err := s.Token(t.Context(), 0); !timesOut(err) {
					t.Errorf("%v", err)
				}
				return
			}
			synctest.Test(t, func(t *testing.T) {
				s := start(t, nil, token.Config{Fetch: tt.fetch})
				if _, err := s.Token(t.Context(), 0); timesOut(err) != tt.want {
					t.Errorf("%v: says that time ran out: %v", err, timesOut(err))
				}
			})
		})
	}
}

// What a Fetch met is told, also if that is that its time ran out.
func TestFetchWhoseTimeRunsOutTellsWhatItMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("https://gateway: no answer")
		for range 20 {
			s := start(t, nil, token.Config{Fetch: func(ctx context.Context) (store.Token, error) {
				<-ctx.Done()
				time.Sleep(10 * time.Millisecond) // it has to be scheduled
				return store.Token{}, fmt.Errorf("%w: %w", down, ctx.Err())
			}})
			if _, err := s.Token(t.Context(), 0); !errors.Is(err, down) || !timesOut(err) {
				t.Fatalf("got %v", err)
			}
		}
	})
}

func TestClosedSourceHandsOutNoToken(t *testing.T) {
	for name, oneShot := range map[string]bool{"busy": false, "one call": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, new(gateway), token.Config{OneShot: oneShot})
				have := mustFind(t, s)
				var wg sync.WaitGroup
				for range 8 { // hits beside the Close
					wg.Go(func() {
						for range 100 {
							_, _ = s.Token(t.Context(), 0)
						}
					})
				}
				s.Close()
				wg.Wait()
				_, errToken := s.Token(t.Context(), 0)
				_, errLonger := s.Token(t.Context(), time.Minute)
				_, errLookup := s.Lookup(t.Context(), 0)
				_, errRefresh := s.Refresh(t.Context())
				for how, err := range map[string]error{"Token": errToken, "Token for a minute": errLonger, "Lookup": errLookup, "Refresh": errRefresh} {
					if !errors.Is(err, token.ErrClosed) {
						t.Errorf("%s: %v", how, err)
					}
				}
				if f := foundhook.Longer(t.Context(), have, 20*time.Minute); f != have {
					t.Errorf("Longer: %v", f)
				}
			})
		})
	}
}

// A store that was closed too has an error of its own.
func TestClosedSourceOverAClosedStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(faulty)
		s := start(t, new(gateway), token.Config{Store: st})
		s.Close()
		st.getErr = errors.New("store closed")
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrClosed) || errors.Is(err, token.ErrStore) {
			t.Errorf("got %v", err)
		}
	})
}
