package token_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestMinimumValidityThatNearHasIsAHit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		st := new(store.Map)
		var rereads atomic.Int64
		s := start(t, g, token.Config{Store: st, Tiers: lease.Tiers{Reread: func(ctx context.Context, key string) (store.Token, error) {
			rereads.Add(1)
			return st.Get(ctx, key)
		}}})
		mustToken(t, s)
		before := rereads.Load()
		for range 100 {
			if _, err := s.Token(t.Context(), time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		if n := rereads.Load() - before; n != 0 {
			t.Errorf("100 hits read the shared store %d times", n)
		}
		if _, err := s.Lookup(t.Context(), 40*time.Minute); !errors.Is(err, token.ErrAtLeast) {
			t.Errorf("more than half a life: %v", err)
		}
	})
}
