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

func TestEndOfATokenInAnOutageIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		var lapsed, planned, rereads atomic.Int64
		st := new(store.Map)
		s := start(t, g, token.Config{
			Store: st, Errors: classified(func(error) (bool, time.Duration) { return false, 5 * time.Minute }),
			Tiers: lease.Tiers{Reread: func(ctx context.Context, key string) (store.Token, error) { rereads.Add(1); return st.Get(ctx, key) }},
			Hooks: token.Hooks{
				Lapsed:         func(store.Token) { lapsed.Add(1) },
				RenewalPlanned: func(store.Token, time.Time) { planned.Add(1) },
			},
		})
		tok := mustToken(t, s)
		g.fail(errors.New("down"))
		for store.Remaining(time.Now(), tok.Expiry()) > 0 {
			_, _ = s.Token(t.Context(), 0)
			time.Sleep(100 * time.Millisecond)
		}
		if n := planned.Load(); n > 5 {
			t.Errorf("%d renewals planned, %d lapses, %d reads of the store", n, lapsed.Load(), rereads.Load())
		}
	})
}
