package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// A token request that the machine slept through is made again, and remembered by nobody.
func TestRequestThatWasSleptThroughIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		var done []error
		s := start(t, g, token.Config{
			Fetch: func(ctx context.Context) (store.Token, error) {
				tok, err := g.fetch(ctx)
				if g.fetches.Load() == 1 {
					return store.Token{}, token.ErrSuspended
				}
				return tok, err
			},
			Hooks: token.Hooks{FetchDone: func(f token.Fetch) { done = append(done, f.Err) }},
		})
		for range 2 { // the one that leads, and one that has joined
			go func() {
				if tok, err := s.Token(t.Context(), 0); err != nil || tok.Reveal() != "token-2" {
					t.Errorf("%v, %v", tok, err)
				}
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if g.fetches.Load() != 2 || len(done) != 2 || !errors.Is(done[0], token.ErrSuspended) || done[1] != nil {
			t.Errorf("%d token requests, %v", g.fetches.Load(), done)
		}
		if st := s.Status(); st.Failure != nil {
			t.Errorf("a failure is remembered: %+v", st.Failure)
		}
	})
}

// A call that joins the renewal of a lazy process, which waits for nobody, and needs a token all
// the same, goes on by itself.
func TestCallThatJoinsARenewalInPassing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		elsewhere, shared := false, new(store.Map)
		l := answers(func(ctx context.Context, ask lease.Ask) (lease.Outcome, error) {
			if elsewhere {
				elsewhere = false
				time.Sleep(200 * time.Millisecond)
				return lease.Outcome{Holder: "another", Wait: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}, nil
			}
			if tok, err := shared.Get(ctx, key); err == nil && !tok.Equal(ask.Old) {
				return lease.Outcome{Token: tok}, nil
			}
			return lease.Outcome{Release: func(*lease.Failure) {}}, nil
		})
		s := due(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
		elsewhere = true
		go func() {
			if tok, err := s.Token(t.Context(), 0); err != nil || tok.Reveal() != "token-1" {
				t.Errorf("the one that renews: %v, %v", tok, err)
			}
		}()
		synctest.Wait()
		if tok, err := s.Token(t.Context(), 20*time.Minute); err != nil || tok.Reveal() != "token-2" {
			t.Errorf("the one that needs a longer one: %v, %v", tok, err)
		}
		synctest.Wait()
	})
}

// A near store that cannot be read is an error at once, also while a token is being fetched.
func TestNearStoreThatFailsDuringAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := new(faulty), new(store.Map)
		s := start(t, &gateway{latency: time.Minute}, token.Config{Store: far, Tiers: lease.Tiers{Near: near}})
		go func() { _, _ = s.Token(t.Context(), 0) }()
		synctest.Wait()
		near.getErr = errors.New("disk on fire")
		began := time.Now()
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrStore) || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		near.getErr = nil
		time.Sleep(2 * time.Minute)
	})
}
