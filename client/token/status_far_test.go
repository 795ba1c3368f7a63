package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// Who asks for the state of a Source over a far store does not ask that.
func TestStatusAsksNoFarStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(faulty)
		s := start(t, new(gateway), token.Config{Store: st, Far: true, OneShot: true})
		mustToken(t, s)
		before := st.gets.Load()
		if got := s.Status(); got.Fingerprint == "" {
			t.Errorf("%+v", got)
		}
		if n := st.gets.Load() - before; n != 0 {
			t.Errorf("the far store was asked %d times", n)
		}
	})
}

// A far store that has a near tier in front of it is no far one: what others have put there is known.
func TestStatusOfAFarStoreWithANearTier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near := new(store.Map)
		s := start(t, new(gateway), token.Config{Far: true, Tiers: lease.Tiers{Near: near}})
		tok := newToken(t, "theirs", time.Hour)
		if _, err := near.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
			t.Fatal(err)
		}
		if st := s.Status(); st.State != status.Fresh || st.Fingerprint != tok.Fingerprint() {
			t.Errorf("Status is %+v", st)
		}
	})
}
