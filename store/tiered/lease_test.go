package tiered_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered"
)

// stubborn is a lease that has one answer.
type stubborn struct {
	tok   store.Token
	asked *atomic.Int64
}

func (s stubborn) Acquire(context.Context, string, lease.Ask) (lease.Outcome, error) {
	s.asked.Add(1)
	return lease.Outcome{Token: s.tok}, nil
}

// ask is what a process with no token asks.
var ask lease.Ask

func acquire(t *testing.T, r *rig, ask lease.Ask) lease.Outcome {
	t.Helper()
	outcome, err := r.Acquire(t.Context(), key, ask)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func TestTokenThatTheLeaseAnswersWithIsNears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r.far, store.Token{}, a)
		if outcome := acquire(t, r, ask); !outcome.Token.Equal(a) {
			t.Errorf("got %+v", outcome)
		}
		holds(t, "near", r.near, "a")
		swap(t, r.far, a, b)
		if outcome := acquire(t, r, lease.Ask{Old: a}); !outcome.Token.Equal(b) {
			t.Errorf("got %+v", outcome)
		}
		holds(t, "near", r.near, "b")
		if outcome := acquire(t, r, lease.Ask{Old: b}); outcome.Release == nil {
			t.Errorf("got %+v", outcome)
		}
	})
}

// What was deleted here, or replaced while far could not be told, is no answer.
func TestTokenWithATombstoneIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, a)
		r.far.set(errDown, 0)
		swap(t, r, a, b)
		if err := r.CompareAndDelete(t.Context(), key, b); err != nil {
			t.Fatal(err)
		}
		r.far.set(nil, 0)
		time.Sleep(5*time.Second + time.Microsecond) // the timeout is over, and nothing has been told yet
		if outcome := acquire(t, r, ask); outcome.Release == nil {
			t.Errorf("got %+v", outcome)
		}
	})
}

func TestLeaseIsNotWaitedForInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.hang()
		d := took(func() {
			if outcome, err := r.Acquire(t.Context(), key, ask); err == nil {
				t.Errorf("got %+v", outcome)
			}
		})
		if d != 250*time.Millisecond {
			t.Errorf("waited %v", d)
		}
		d = took(func() {
			if outcome, err := r.Acquire(t.Context(), key, ask); err == nil {
				t.Errorf("got %+v", outcome)
			}
		})
		if d != 0 {
			t.Errorf("the second one waited %v", d)
		}
		r.far.letGo()
		time.Sleep(6 * time.Second)
		// The first answer came when nobody waited for it any more.
		if outcome := acquire(t, r, ask); outcome.Release == nil {
			t.Errorf("nobody gave the lease back: %+v", outcome)
		}
	})
}

func TestLeaseThatKeepsAnsweringWithTombstonedTokensIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		l := stubborn{a, new(atomic.Int64)}
		s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: new(store.Map), Lease: l})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		if outcome, err := s.Acquire(t.Context(), key, ask); err == nil {
			t.Errorf("got %+v", outcome)
		}
		if n := l.asked.Load(); n != 4 {
			t.Errorf("asked %d times, want four times", n)
		}
	})
}

// A lease that is refused, hangs or takes its time keeps nobody from the token that lies in
// far, nor does it count as an outage of far.
func TestLeaseThatFailsDoesNotBlockReads(t *testing.T) {
	refused := errors.New("NOPERM this user has no permissions to run the 'evalsha' command")
	hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, acquire := range map[string]func(context.Context) error{
		"refused":                  func(context.Context) error { return refused },
		"hangs":                    hang,
		"does not heed its end":    func(context.Context) error { time.Sleep(time.Minute); return nil },
		"panics":                   func(context.Context) error { panic("lease") },
		"refused after 200 ms":     func(context.Context) error { time.Sleep(200 * time.Millisecond); return refused },
		"refused at the last ms":   func(context.Context) error { time.Sleep(249 * time.Millisecond); return refused },
		"refused after everything": func(context.Context) error { time.Sleep(time.Second); return refused },
	} {
		for state, there := range map[string]bool{"a token there": true, "nothing there": false} {
			t.Run(name+"/"+state, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					log, dropped := new(logged), new(atomic.Int32)
					far := new(store.Map)
					s, err := tiered.New(tiered.Config{
						Near: new(store.Map), Far: far, Logger: slog.New(slog.NewTextHandler(log, nil)),
						Lease: leaseFunc(func(ctx context.Context) (lease.Outcome, error) {
							return lease.Outcome{Release: func(*lease.Failure) { dropped.Add(1) }}, acquire(ctx)
						}),
					})
					if err != nil {
						t.Fatal(err)
					}
					want := ""
					if there {
						want = "a"
						swap(t, far, store.Token{}, newToken(t, want, time.Hour))
					}
					ctx, _ := farwait.With(t.Context(), 250*time.Millisecond)
					if d := took(func() {
						outcome, err := s.Acquire(ctx, key, lease.Ask{})
						if outcome.Token.Reveal() != want || (err == nil) != there {
							t.Errorf("got %+v, %v", outcome, err)
						}
					}); d > 130*time.Millisecond {
						t.Errorf("waited %v", d)
					} else if late := d == 125*time.Millisecond && !there; (s.Stats().FarErrors != 0) != late {
						t.Errorf("waited %v, and counted %d failures", d, s.Stats().FarErrors)
					}
					if !there { // somebody writes one meanwhile
						swap(t, far, store.Token{}, newToken(t, "b", time.Hour))
						if tok, err := s.Reread(ctx, key); err != nil || tok.Reveal() != "b" {
							t.Errorf("far is not read: %v, %v", tok, err)
						}
					}
					time.Sleep(2 * time.Minute)
					if n := log.count("level=WARN"); n != 0 {
						t.Errorf("taken for an outage:\n%s", log)
					}
					if name == "does not heed its end" && dropped.Load() != 1 {
						t.Errorf("what came late was dropped %d times", dropped.Load())
					}
					s.Close()
				})
			})
		}
	}
}

type leaseFunc func(context.Context) (lease.Outcome, error)

func (f leaseFunc) Acquire(ctx context.Context, _ string, _ lease.Ask) (lease.Outcome, error) {
	return f(ctx)
}

// A lease that answers with a token from before near's says nothing of it: it is asked once more.
func TestOlderTokenIsNoAnswerOfTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		time.Sleep(time.Minute)
		b := newToken(t, "b", time.Hour)
		swap(t, r.near, store.Token{}, b)
		swap(t, r.far, store.Token{}, a)
		outcome := acquire(t, r, lease.Ask{Old: b})
		if outcome.Release == nil {
			t.Fatalf("got %+v", outcome)
		}
		outcome.Drop()
		holds(t, "near", r.near, "b")
	})
}
