package token_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// missesOnce is a near store into which another caller's token comes just after a miss.
type missesOnce struct {
	store.Map
	missed bool
}

func (m *missesOnce) Get(ctx context.Context, key string) (store.Token, error) {
	if !m.missed {
		m.missed = true
		return store.Token{}, store.ErrNotFound
	}
	return m.Map.Get(ctx, key)
}

// A call that has just missed a token asks neither the far store nor for the lease.
func TestTokenThatComesAfterAMiss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near := new(missesOnce)
		_, _ = near.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "there", time.Hour))
		s := start(t, new(gateway), token.Config{Store: new(store.Map), Tiers: lease.Tiers{
			Near: near,
			Lease: answers(func(context.Context, lease.Ask) (lease.Outcome, error) {
				t.Error("asked for the lease")
				return lease.Outcome{}, nil
			}),
			Reread: func(context.Context, string) (store.Token, error) {
				t.Error("asked the far store")
				return store.Token{}, store.ErrNotFound
			},
		}})
		if f := mustFind(t, s); f.Token.Reveal() != "there" || f.Origin != token.Near || f.Waited {
			t.Errorf("got %+v", f)
		}
	})
}
