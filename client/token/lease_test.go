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
	"github.com/advoware-go/advoware/store"
)

// oneLease is a lease that Sources share.
type oneLease struct {
	mu   sync.Mutex
	held bool
	err  error
}

func (l *oneLease) Acquire(context.Context, string) (func(), bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil || l.held {
		return nil, false, l.err
	}
	l.held = true
	return func() { l.mu.Lock(); l.held = false; l.mu.Unlock() }, true, nil
}

func TestFleetThatStartsColdFetchesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency = 2 * time.Second
		g, shared, lease := &gateway{latency: latency}, new(store.Map), new(oneLease)
		var wg sync.WaitGroup
		for range 32 {
			s := start(t, g, token.Config{Store: shared, Lease: lease})
			for range 64 {
				wg.Go(func() {
					began := time.Now()
					f, err := s.Lookup(t.Context(), 0)
					if err != nil || f.Token.Reveal() != "token-1" || !f.Waited {
						t.Errorf("Lookup = %+v, %v", f, err)
					}
					if took := time.Since(began); took > latency+50*time.Millisecond {
						t.Errorf("a caller waited %v", took)
					}
				})
			}
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 1 || lease.held {
			t.Errorf("%d fetches, lease held: %v", n, lease.held)
		}
	})
}

func TestLeaseIsPassedOnWhenTheHolderFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, lease := new(store.Map), new(oneLease)
		bad := &gateway{latency: time.Second, err: errors.New("down")}
		first := start(t, bad, token.Config{Store: shared, Lease: lease})
		second := start(t, new(gateway), token.Config{Store: shared, Lease: lease})
		go func() { _, _ = first.Token(context.Background(), 0) }()
		synctest.Wait()
		began := time.Now()
		mustToken(t, second)
		if took := time.Since(began); took < time.Second || took > time.Second+50*time.Millisecond {
			t.Errorf("waited %v for the lease", took)
		}
	})
}

func TestBrokenLeaseDoesNotKeepFromFetching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Lease: &oneLease{err: errors.New("no Redis")}})
		mustToken(t, s)
	})
}

func TestWaitingForALeaseEndsWithTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Lease: &oneLease{held: true}})
		time.AfterFunc(time.Second, s.Close)
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}

func TestLeaseIsGivenBackWhenTheStoreCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var read atomic.Bool
		g, lease := new(gateway), new(oneLease)
		s := start(t, g, token.Config{Lease: lease, Reread: func(context.Context, string) (store.Token, error) {
			if read.Swap(true) { // the second time, with the lease
				return store.Token{}, errors.New("disk on fire")
			}
			return store.Token{}, store.ErrNotFound
		}})
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrStore) {
			t.Errorf("Token: %v", err)
		}
		if lease.held || g.fetches.Load() != 0 {
			t.Errorf("lease held: %v, %d fetches", lease.held, g.fetches.Load())
		}
	})
}

func TestTokenIsTakenWhileAnotherStillHoldsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, shared, lease := new(gateway), new(store.Map), &oneLease{held: true}
		s := start(t, g, token.Config{Store: shared, Near: new(store.Map), Lease: lease})
		theirs := newToken(t, "theirs", time.Hour)
		time.AfterFunc(time.Second, func() { _, _ = shared.CompareAndSwap(context.Background(), key, store.Token{}, theirs) })
		if tok := mustToken(t, s); !tok.Equal(theirs) || g.fetches.Load() != 0 || !lease.held {
			t.Errorf("got %q after %d fetches", tok.Reveal(), g.fetches.Load())
		}
	})
}

func TestRefreshReplacesWhatCameWhileItWaitedForTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, lease := new(store.Map), &oneLease{held: true}
		s := start(t, new(gateway), token.Config{Store: shared, Lease: lease})
		time.AfterFunc(time.Second, func() {
			_, _ = shared.CompareAndSwap(context.Background(), key, store.Token{}, newToken(t, "theirs", time.Hour))
			lease.mu.Lock()
			lease.held = false
			lease.mu.Unlock()
		})
		f, err := s.Refresh(t.Context())
		if err != nil || f.Token.Reveal() != "token-1" || f.Origin != token.Fetched {
			t.Errorf("Refresh = %q, %v, %v; want a token fetched after the call", f.Token.Reveal(), f.Origin, err)
		}
		if tok := mustToken(t, s); tok.Reveal() != "token-1" {
			t.Errorf("%q is stored", tok.Reveal())
		}
	})
}
