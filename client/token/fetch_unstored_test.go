package token_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
)

func TestTokenThatCannotBeStoredIsNotFetchedForEachCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{Store: &faulty{casErr: errors.New("OOM command not allowed")}})
		for range 100 {
			mustToken(t, s)
			time.Sleep(time.Second)
		}
		if n := g.fetches.Load(); n > 3 {
			t.Errorf("%d token requests in 100 s", n)
		}
	})
}
