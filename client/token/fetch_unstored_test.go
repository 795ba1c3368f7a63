package token_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
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

// A token that far had, and that another process has deleted, is not lost: it is not stored again.
func TestTokenThatWasDeletedIsNotStoredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, q := new(gateway), new(quick)
		var deleted store.Token
		s := start(t, g, token.Config{Store: q, Tiers: lease.Tiers{
			Deleted: func(_ string, tok store.Token) bool { return tok.Equal(deleted) },
		}})
		q.stored = func(tok store.Token) {
			deleted = tok
			if err := q.CompareAndDelete(t.Context(), key, tok); err != nil {
				t.Error(err)
			}
		}
		first := mustToken(t, s)
		if again := mustToken(t, s); again.Equal(first) || g.fetches.Load() != 2 {
			t.Errorf("a token that was deleted is handed out, and stored, again; %d token requests, want 2", g.fetches.Load())
		}
	})
}
