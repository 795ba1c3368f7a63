package token_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// stubborn is a store in which a token stands whatever is stored.
type stubborn struct {
	store.Map
	tok store.Token
}

func (s *stubborn) CompareAndSwap(context.Context, string, store.Token, store.Token) (store.Token, error) {
	return s.tok, nil
}

func TestTokenOfAnotherProcessThatHasEndedIsNotAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &gateway{latency: 2 * time.Second}, token.Config{Store: &stubborn{tok: newToken(t, "theirs", time.Second)}})
		f, err := s.Lookup(t.Context(), 0)
		if err != nil || f.Token.Reveal() != "token-1" || f.Origin != token.Fetched {
			t.Errorf("Lookup = %q, %v, %v; want the fetched token", f.Token.Reveal(), f.Origin, err)
		}
	})
}

func TestFoundTellsHowLongFarWasWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &gateway{latency: time.Second}, token.Config{Tiers: lease.Tiers{Reread: func(ctx context.Context, _ string) (store.Token, error) {
			farwait.Spend(ctx, 70*time.Millisecond)
			return store.Token{}, store.ErrNotFound
		}}})
		if f, err := s.Lookup(t.Context(), 0); err != nil || f.FarWait != 70*time.Millisecond {
			t.Errorf("Lookup waited %v for far, %v; want 70ms", f.FarWait, err)
		}
		if f, err := s.Lookup(t.Context(), 0); err != nil || f.FarWait != 0 {
			t.Errorf("a hit waited %v for far, %v", f.FarWait, err)
		}
	})
}

func TestRefreshThatJoinedLeavesAtItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &gateway{latency: 10 * time.Second}, token.Config{})
		go s.Token(context.Background(), 0)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Refresh(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Refresh: %v", err)
		}
	})
}

func TestRefreshOverAStoreThatCannotBeReadFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int64
		g := new(gateway)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := start(t, g, token.Config{Tiers: lease.Tiers{Reread: func(context.Context, string) (store.Token, error) {
			if reads.Add(1) == 10 {
				cancel() // enough
			}
			return store.Token{}, errors.New("disk on fire")
		}}})
		if _, err := s.Refresh(ctx); !errors.Is(err, token.ErrStore) || g.fetches.Load() != 0 || reads.Load() != 1 {
			t.Errorf("Refresh: %v; %d fetches, %d reads", err, g.fetches.Load(), reads.Load())
		}
	})
}
