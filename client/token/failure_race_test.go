package token_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// What is remembered of failures may be asked for at any moment, and be made void by a token of another
// process, while token requests fail: those of this process and of others. The race detector watches.
// It is not in a bubble, whose timers order what happens.
func TestFailuresWhileTheyAreLookedAt(t *testing.T) {
	turns := func() {
		for range 50 {
			runtime.Gosched()
		}
	}
	down := errors.New("down")
	var moved atomic.Pointer[func(store.Token)]
	var theirs atomic.Bool // it is another process that fetches
	l := acquires(func(context.Context, string, lease.Ask) (lease.Outcome, error) {
		if turns(); theirs.Load() {
			return lease.Outcome{Failure: &lease.Failure{Message: "down"}}, nil
		}
		return lease.Outcome{Release: func(*lease.Failure) {}}, nil
	})
	s, err := token.New(token.Config{
		Store: new(store.Map), Key: key, Logger: slog.New(slog.DiscardHandler), Credentials: "the same",
		Errors: classified(func(error) (bool, time.Duration) { return false, 0 }),
		Fetch:  func(context.Context) (store.Token, error) { turns(); return store.Token{}, down },
		Tiers: lease.Tiers{Lease: l, Follow: func(_ string, told func(store.Token)) func() {
			moved.Store(&told)
			return func() {}
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	have, _ := s.Lookup(t.Context(), 0) // which fails, and follows
	have.Token = newToken(t, "short", time.Minute)
	tokens := []store.Token{newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)}
	var over atomic.Bool
	var all sync.WaitGroup
	all.Go(func() {
		for i := 0; !over.Load(); i++ {
			(*moved.Load())(tokens[i%2])
			s.Status()
			runtime.Gosched()
		}
	})
	all.Go(func() {
		for !over.Load() {
			foundhook.Longer(t.Context(), have, 20*time.Minute)
			runtime.Gosched()
		}
	})
	for i := range 20 {
		theirs.Store(i%2 == 0)
		if _, err := s.Refresh(t.Context()); err == nil {
			t.Error("no failure")
		}
	}
	over.Store(true)
	all.Wait()
}

type acquires func(context.Context, string, lease.Ask) (lease.Outcome, error)

func (a acquires) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	return a(ctx, key, ask)
}

// The failure of another process is in the status as one of this process is.
func TestStatusOfAFailureOfAnotherProcess(t *testing.T) {
	s, err := token.New(token.Config{
		Store: new(store.Map), Key: key, Logger: slog.New(slog.DiscardHandler), Credentials: "the same",
		Fetch: func(context.Context) (store.Token, error) { panic("fetched") },
		Tiers: lease.Tiers{Lease: acquires(func(context.Context, string, lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{Failure: &lease.Failure{Pause: time.Minute}}, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if st := s.Status(); st.Failure != nil {
		t.Errorf("before: %+v", st)
	}
	if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrRemoteFetch) || !strings.Contains(err.Error(), "failed (next attempt") {
		t.Errorf("got %v", err)
	}
	if st := s.Status(); st.Failure == nil || st.Failure.At.IsZero() || st.Failure.NextAttempt.IsZero() {
		t.Errorf("afterwards: %+v", st)
	}
}
