package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// A token that ends while a call waits for its successor in vain is not handed out.
func TestLazyRenewalThatOutlastsTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		st := new(store.Map)
		s := due(t, g, token.Config{Store: st})
		time.Sleep(time.Until(mustRead(t, st).Expiry()) - time.Second)
		g.latency = time.Hour
		if tok, err := s.Token(t.Context(), 0); err == nil {
			t.Errorf("got %s, which has %v left", tok.Reveal(), time.Until(tok.Expiry()))
		}
	})
}

// A process that makes one call plans no renewal, be it lazy or not.
func TestOneShotPlansNothing(t *testing.T) {
	for _, lazy := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			g, planned := new(gateway), 0
			s := start(t, g, token.Config{OneShot: true, Lazy: lazy, Hooks: token.Hooks{RenewalPlanned: func(store.Token, time.Time) { planned++ }}})
			mustToken(t, s)
			time.Sleep(54 * time.Minute)
			mustToken(t, s)
			if n := g.fetches.Load(); planned != 0 || n != 1 {
				t.Errorf("lazy %v: %d plans, %d fetches", lazy, planned, n)
			}
		})
	}
}
