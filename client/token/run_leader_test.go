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

func TestLeaderWhoAsksForTooMuchHarmsNobody(t *testing.T) {
	for name, short := range map[string]bool{"gateway's tokens are short": true, "gateway is down": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: time.Second, life: 10 * time.Minute}
				near, shared := new(store.Map), new(store.Map)
				if !short {
					g.fail(errors.New("down"))
					_, _ = shared.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "theirs", 10*time.Minute))
				}
				st := &pair{near, shared}
				s := start(t, g, token.Config{Store: st, Tiers: lease.Tiers{Near: near, Reread: func(ctx context.Context, key string) (store.Token, error) {
					time.Sleep(time.Millisecond)
					return st.Get(ctx, key)
				}}})
				go s.Token(t.Context(), 20*time.Minute)
				synctest.Wait()
				mustToken(t, s)
			})
		})
	}
}
