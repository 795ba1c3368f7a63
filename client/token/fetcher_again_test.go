package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// A Source that opens after the last one has closed knows of no token before its first, also where
// a failure is still remembered: the key may be another identity's by then.
func TestSourceThatOpensAgainHasNoTokenBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, fetcher := new(gateway), token.NewFetcher()
		s := start(t, g, token.Config{Fetcher: fetcher})
		mustToken(t, s)
		g.fail(errors.New("down")) // which is remembered, and keeps the account
		if _, err := s.Refresh(t.Context()); err == nil {
			t.Fatal("refreshed")
		}
		s.Close()
		g.fail(nil)
		var told []token.Rotation
		s = start(t, g, token.Config{Fetcher: fetcher, Hooks: token.Hooks{Rotated: func(r token.Rotation) { told = append(told, r) }}})
		if _, err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(told) != 1 || !told[0].Old.IsZero() {
			t.Errorf("told %+v, want one without an older token", told)
		}
	})
}

// What one Source met is what all meet that have joined its run: the store is read once.
func TestErrorOfTheStoreIsSharedBySources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		sources := team(t, new(gateway), 4, token.Config{Tiers: lease.Tiers{Reread: func(context.Context, string) (store.Token, error) {
			reads++
			time.Sleep(time.Second)
			return store.Token{}, errors.New("disk on fire")
		}}})
		each(sources, 2, func(s *token.Source) {
			if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrStore) {
				t.Errorf("got %v", err)
			}
		})
		if reads != 1 {
			t.Errorf("the store was read %d times", reads)
		}
	})
}

// A tiered store says itself whether it knows of a token, however long it has waited for its far
// tier: where it does not, nothing is fetched.
func TestErrorOfATieredStoreThatHasWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{Tiers: lease.Tiers{Near: new(store.Map), Reread: func(ctx context.Context, _ string) (store.Token, error) {
			farwait.Spend(ctx, time.Hour)
			return store.Token{}, errors.New("disk on fire")
		}}})
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrStore) || g.fetches.Load() != 0 {
			t.Errorf("%v after %d fetches", err, g.fetches.Load())
		}
	})
}
