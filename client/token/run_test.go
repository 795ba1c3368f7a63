package token_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestEndedContextStartsNoFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Token(ctx, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("Token: %v", err)
		}
		if _, err := s.Refresh(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Refresh: %v", err)
		}
		synctest.Wait()
		if n := g.fetches.Load(); n != 0 {
			t.Errorf("%d fetches", n)
		}
	})
}

// A run has the values of the leader's context (a trace), but not its deadline, and its
// own context ends with it.
func TestFetchHasTheLeadersValuesButNotItsDeadline(t *testing.T) {
	type trace struct{}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var inner context.Context
		s := start(t, nil, token.Config{Fetch: func(ctx context.Context) (store.Token, error) {
			inner = ctx
			deadline, ok := ctx.Deadline()
			if got, want := fmt.Sprintf("%v %v %v", ctx.Value(trace{}), ok, deadline.Sub(began)), "id true 27s"; got != want {
				t.Errorf("Fetch has %s, want %s", got, want)
			}
			time.Sleep(time.Second)
			return store.NewToken("t", time.Now(), time.Now().Add(time.Hour))
		}})
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), trace{}, "id"), time.Millisecond)
		defer cancel()
		if _, err := s.Token(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Token: %v", err)
		}
		if tok := mustToken(t, s); tok.Reveal() != "t" {
			t.Errorf("got %q", tok.Reveal())
		}
		synctest.Wait()
		if inner.Err() == nil {
			t.Error("the context of the run is still alive")
		}
	})
}

// stuck is a store whose Get hangs until it is released.
type stuck struct {
	store.Map
	release chan struct{}
}

func (s *stuck) Get(context.Context, string) (store.Token, error) {
	<-s.release
	return store.Token{}, store.ErrNotFound
}

// A store that minds no context holds nobody for ever, and the next run begins anew: after the
// longest wait for other processes, and as long as two token requests may take.
func TestRunThatHangsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, g := &stuck{release: make(chan struct{})}, new(gateway)
		s := start(t, g, token.Config{Store: st, Tiers: lease.Tiers{Near: new(store.Map)}})
		for range 2 {
			began := time.Now()
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					_, err := s.Token(t.Context(), 0)
					if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != 70*time.Second {
						t.Errorf("%v after %v", err, took)
					}
				})
			}
			wg.Wait()
		}
		close(st.release)
		synctest.Wait() // the runs that nobody waits for make no request, which could fail
		if n := g.fetches.Load(); n != 0 {
			t.Errorf("%d fetches", n)
		}
		mustToken(t, s)
	})
}

// slowWrites is a store that takes its time to write.
type slowWrites struct {
	store.Map
	by time.Duration
}

func (l *slowWrites) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	select {
	case <-time.After(l.by):
		return l.Map.CompareAndSwap(ctx, key, old, tok)
	case <-ctx.Done():
		return store.Token{}, context.Cause(ctx)
	}
}

// A run outlasts its parts: the longest wait for another process, a token request that is in
// time just so, and a store that is slow as well.
func TestRunIsLongerThanItsParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &slowWrites{by: 25 * time.Second}
		held := answers(func(context.Context, lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{Holder: "another", Wait: func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}}, nil
		})
		s := start(t, &gateway{latency: 26 * time.Second}, token.Config{Store: st, Tiers: lease.Tiers{Lease: held}})
		began := time.Now()
		tok, err := s.Token(t.Context(), 0)
		if took := time.Since(began); err != nil || tok.Reveal() != "token-1" || took != 61*time.Second {
			t.Errorf("got %v, %v after %v", tok, err, took)
		}
		if standing, err := st.Get(t.Context(), key); err != nil || !standing.Equal(tok) {
			t.Errorf("the store has %v, %v", standing, err)
		}
	})
}

// Close ends the wait for what minds no context, too.
func TestCloseEndsARunThatMindsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &stuck{release: make(chan struct{})}
		defer close(st.release)
		s := start(t, new(gateway), token.Config{Store: st, Tiers: lease.Tiers{Near: new(store.Map)}})
		began := time.Now()
		time.AfterFunc(2*time.Second, s.Close)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := s.Token(t.Context(), 0)
				if took := time.Since(began); !errors.Is(err, token.ErrClosed) || took != 2*time.Second {
					t.Errorf("%v after %v", err, took)
				}
			})
		}
		wg.Wait()
	})
}
