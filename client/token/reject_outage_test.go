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

func TestRejectInAnOutageStillTakesAnothersToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		near, shared := new(store.Map), new(store.Map)
		s := start(t, g, token.Config{
			Store: &pair{near, shared}, Tiers: lease.Tiers{Near: near, Reread: func(ctx context.Context, key string) (store.Token, error) {
				tok, err := shared.Get(ctx, key)
				if have, _ := near.Get(ctx, key); err == nil && !have.Equal(tok) {
					return near.CompareAndSwap(ctx, key, have, tok)
				}
				return tok, err
			}},
		})
		old := mustToken(t, s)
		g.fail(errors.New("down"))
		_, _ = s.Refresh(t.Context())
		theirs := newToken(t, "theirs", time.Hour)
		_, _ = shared.CompareAndSwap(t.Context(), key, old, theirs)
		if err := s.Reject(t.Context(), old); err != nil {
			t.Errorf("Reject: %v", err)
		}
		if tok := mustToken(t, s); !tok.Equal(theirs) {
			t.Errorf("got %q", tok.Reveal())
		}
	})
}
