package token_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

// Half of a lifetime is what can be promised at most: a fresh token has it, and nobody waits.
func TestHalfOfALifetimeIsAHit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := 0
		s := start(t, new(gateway), token.Config{Lifetime: time.Hour, OneShot: true, Hooks: token.Hooks{
			Waited: func(context.Context, token.Wait) { waits++ },
		}})
		mustToken(t, s)
		if _, err := s.Lookup(t.Context(), 30*time.Minute); err != nil || waits != 1 {
			t.Errorf("%v after %d waits", err, waits)
		}
	})
}

// Those that wait for a run which fails get its error, also if the Source had a token before.
func TestWaitersOfARunThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{OneShot: true})
		tok := mustToken(t, s)
		mustToken(t, s)
		time.Sleep(time.Until(tok.Expiry()))
		g.fail(errors.New("down"))
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if tok, err := s.Token(t.Context(), 0); !errors.As(err, new(*token.FetchError)) || !tok.IsZero() {
					t.Errorf("got %v, %v", tok, err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
	})
}
