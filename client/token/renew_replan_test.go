package token_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

func TestRenewalFollowsATokenWithAShorterLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{})
		first := mustToken(t, s)
		g.mu.Lock()
		g.life = 10 * time.Minute
		g.mu.Unlock()
		if err := s.Reject(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		mustToken(t, s)
		if waited, err := day(t, s, 2*time.Hour); waited != 0 || err != nil {
			t.Errorf("%d calls waited, error %v", waited, err)
		}
	})
}
