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
)

// lapses notes what is planned and left to lapse.
type lapses struct{ planned, lapsed atomic.Int64 }

func (l *lapses) hooks() token.Hooks {
	return token.Hooks{
		RenewalPlanned: func(store.Token, time.Time) { l.planned.Add(1) },
		Lapsed:         func(store.Token) { l.lapsed.Add(1) },
	}
}

// A token that somebody has deleted is not renewed: nobody knows that another one is wanted
// before a call comes.
func TestDeletedTokenIsNotRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, l, st := new(gateway), new(lapses), new(store.Map)
		s := start(t, g, token.Config{Store: st, Hooks: l.hooks()})
		tok := mustToken(t, s)
		mustToken(t, s)
		if err := st.CompareAndDelete(t.Context(), key, tok); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		if n := g.fetches.Load(); n != 1 || l.lapsed.Load() != 1 {
			t.Errorf("%d fetches and %d lapses, want 1 and 1", n, l.lapsed.Load())
		}
		mustToken(t, s)
		synctest.Wait()
		if n := g.fetches.Load(); n != 2 || l.planned.Load() != 2 {
			t.Errorf("%d fetches and %d plans after the next call, want 2 and 2", n, l.planned.Load())
		}
	})
}

// A renewal that fails when its token has ended is not planned again.
func TestRenewalIsNotPlannedForATokenThatHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, l := new(gateway), new(lapses)
		var had atomic.Pointer[store.Token]
		s := start(t, g, token.Config{Hooks: l.hooks(), FetchTimeout: time.Hour, Fetch: func(ctx context.Context) (store.Token, error) {
			tok := had.Load()
			if tok == nil {
				return g.fetch(ctx)
			}
			time.Sleep(time.Until(tok.Expiry()) + time.Second)
			return store.Token{}, errors.New("down")
		}})
		tok := mustToken(t, s)
		had.Store(&tok)
		time.Sleep(2 * time.Hour)
		if got := s.Metrics().Renewals; l.planned.Load() != 1 || l.lapsed.Load() != 1 || len(got) != 1 {
			t.Errorf("%d plans, %d lapses, renewals %v; want one of each", l.planned.Load(), l.lapsed.Load(), got)
		}
	})
}
