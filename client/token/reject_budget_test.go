package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestAdoptedTokenCostsNothingOfTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		near, shared := new(store.Map), new(store.Map)
		s := start(t, g, token.Config{Store: &pair{near, shared}, Tiers: lease.Tiers{Near: near}})
		old := mustToken(t, s)
		_, _ = shared.CompareAndSwap(t.Context(), key, old, newToken(t, "theirs", time.Hour))
		_ = s.Reject(t.Context(), old)
		mustToken(t, s)               // theirs, without a fetch
		_, _ = s.Refresh(t.Context()) // has nothing to do with a 401
		for i := range 3 {
			if err := s.Reject(t.Context(), mustToken(t, s)); err != nil {
				t.Errorf("rejection %d: %v", i+1, err)
			}
		}
	})
}
