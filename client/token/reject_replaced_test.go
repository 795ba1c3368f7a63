package token_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// forgetful is a store that takes everything and keeps nothing.
type forgetful struct{ store.Map }

func (*forgetful) CompareAndSwap(_ context.Context, _ string, _, tok store.Token) (store.Token, error) {
	return tok, nil
}

// A late refusal of a token that no store has is told from one of the token in use.
func TestLateRefusalWhereNoStoreHasTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Store: new(forgetful), OneShot: true})
		first := mustToken(t, s)
		found, err := s.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		second := found.Token
		if err := s.Reject(t.Context(), first); err != nil {
			t.Error(err)
		}
		if n := s.Metrics().Rejections; n[metric.Late] != 1 || n[metric.Dropped] != 0 {
			t.Errorf("a late one: %v", n)
		}
		if got := mustToken(t, s); !got.Equal(second) {
			t.Errorf("then %q", got.Reveal())
		}
		if err := s.Reject(t.Context(), second); err != nil {
			t.Error(err)
		}
		if n := s.Metrics().Rejections; n[metric.Late] != 1 || n[metric.Dropped] != 1 {
			t.Errorf("one of the token in use: %v", n)
		}
	})
}

// The status has no token that was refused, also where the store is not asked for it.
func TestStatusOfARefusedTokenOfAFarStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{Store: new(store.Map), Far: true, OneShot: true})
		tok := mustToken(t, s)
		if st := s.Status(); st.State != status.Fresh {
			t.Errorf("before: %+v", st)
		}
		if err := s.Reject(t.Context(), tok); err != nil {
			t.Fatal(err)
		}
		if st := s.Status(); st.State != status.Empty || st.Fingerprint != "" {
			t.Errorf("afterwards: %+v", st)
		}
	})
}
