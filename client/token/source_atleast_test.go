package token_test

import (
	"context"
	"errors"
	"strings"
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

// Half of what tokens live can be promised: of what is configured, and of what the gateway was
// seen to give. Who asks for more is told both.
func TestHalfALifeCanBePromised(t *testing.T) {
	for name, c := range map[string]struct {
		lives, half time.Duration // as configured; what the gateway gives is in life
		life        time.Duration
		want        string
	}{
		"as configured":           {time.Hour, 30 * time.Minute, time.Hour, "30m0.000000001s asked for, tokens live 1h0m0s, half of that can be promised"},
		"as the gateway shortens": {time.Hour, 10 * time.Minute, 20 * time.Minute, "10m0.000000001s asked for, tokens live 20m0s, half of that can be promised"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, &gateway{life: c.life}, token.Config{Lifetime: c.lives})
				mustToken(t, s)
				time.Sleep(c.half + time.Minute) // the token at hand lasts for less
				_, err := s.Token(t.Context(), c.half+1)
				if !errors.Is(err, token.ErrAtLeast) || !strings.HasSuffix(err.Error(), ": "+c.want) {
					t.Errorf("more than half: %v, want %s", err, c.want)
				}
				if tok, err := s.Token(t.Context(), c.half); err != nil || time.Until(tok.Expiry()) < c.half {
					t.Errorf("half: %v, %v", tok, err)
				}
			})
		})
	}
}

// Who asks a gateway for more than it turns out to give is told so, and of the token that it gave.
func TestGatewayThatGivesLessThanIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &gateway{life: 5 * time.Minute}, token.Config{})
		_, err := s.Token(t.Context(), 10*time.Minute)
		if !errors.Is(err, token.ErrAtLeast) || !strings.HasSuffix(err.Error(), "10m0s asked for, the gateway's tokens live shorter") {
			t.Errorf("got %v", err)
		}
		mustToken(t, s)
	})
}
