package token_test

import (
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client/token"
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
