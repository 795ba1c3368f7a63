package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

func TestLateRefusalOfAnOlderTokenDoesNotForgetTheNewerOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		near, shared := new(store.Map), new(store.Map)
		s := start(t, g, token.Config{Store: &pair{near, shared}, Near: near})
		first := mustToken(t, s)
		f, err := s.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Reject(t.Context(), f.Token); err != nil { // a real revocation
			t.Fatal(err)
		}
		go s.Token(t.Context(), 0)
		synctest.Wait() // it is being replaced
		if err := s.Reject(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		_, _ = shared.CompareAndSwap(t.Context(), key, store.Token{}, f.Token) // a slower process wrote it back
		if tok := mustToken(t, s); tok.Equal(f.Token) {
			t.Error("the revoked token is back")
		}
		if n := s.Stats().Rejects; n != 1 {
			t.Errorf("%d rejections of a token in use, want 1", n)
		}
	})
}
