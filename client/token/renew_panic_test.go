package token_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// panicky is a store that panics for a while.
type panicky struct {
	store.Map
	on atomic.Bool
}

func (p *panicky) Get(ctx context.Context, key string) (store.Token, error) {
	if p.on.Load() {
		panic("store broken")
	}
	return p.Map.Get(ctx, key)
}

// A renewal that breaks off, because a store panics, is made up for by the next use.
func TestRenewalAfterOneThatBrokeOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, st := new(gateway), new(panicky)
		s := start(t, g, token.Config{Store: st})
		tok := mustToken(t, s)
		st.on.Store(true)
		time.Sleep(time.Until(tok.Expiry()) - 2*time.Minute)
		st.on.Store(false)
		if got := mustToken(t, s); !got.Equal(tok) || g.fetches.Load() != 1 {
			t.Errorf("%q after %d fetches", got.Reveal(), g.fetches.Load())
		}
		time.Sleep(time.Minute)
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d fetches", n)
		}
	})
}
