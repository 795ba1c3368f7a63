package token_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

func TestGatewayThatRepeatsARejectedTokenIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		same := func(ctx context.Context) (store.Token, error) {
			if _, err := g.fetch(ctx); err != nil {
				return store.Token{}, err
			}
			return newToken(t, "same", 50*time.Minute), nil
		}
		s := start(t, g, token.Config{Fetch: same})
		if err := s.Reject(t.Context(), mustToken(t, s)); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { mustToken(t, s) })
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want the first and one more", n)
		}
	})
}
