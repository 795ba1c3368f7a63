package token_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// A call takes what its own token request brought, also if that token was refused meanwhile: another
// request would bring the same one.
func TestTokenThatIsRefusedWhileItIsRequestedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tok, fetches, st := newToken(t, "same", time.Hour), 0, new(store.Map)
		s := start(t, nil, token.Config{Store: st, Fetch: func(context.Context) (store.Token, error) {
			fetches++
			time.Sleep(time.Second)
			return tok, nil
		}})
		mustToken(t, s)
		if err := st.CompareAndDelete(t.Context(), key, tok); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second/2, func() {
			if err := s.Reject(t.Context(), tok); err != nil {
				t.Error(err)
			}
		})
		if got := mustToken(t, s); !got.Equal(tok) || fetches != 2 {
			t.Errorf("got %v after %d token requests, want the one of the second", got, fetches)
		}
	})
}

// A Source that is closed begins no token request for another one that is open.
func TestClosedSourceBeginsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		sources := team(t, g, 2, token.Config{})
		sources[0].Close()
		if _, err := sources[0].Refresh(t.Context()); err != token.ErrClosed {
			t.Errorf("Refresh: %v", err)
		}
		synctest.Wait()
		if n := g.fetches.Load(); n != 0 {
			t.Errorf("%d fetches", n)
		}
	})
}

// A token request that panics has failed for all Sources that wait for it: none of them makes
// another one.
func TestPanicOfAFetchIsSharedBySources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		sources := team(t, nil, 4, token.Config{
			Store: &faulty{delay: time.Second}, // so that all have joined before it begins
			Fetch: func(context.Context) (store.Token, error) { fetches++; panic("broken") },
		})
		each(sources, 2, func(s *token.Source) {
			if _, err := s.Refresh(t.Context()); err == nil {
				t.Error("refreshed")
			}
		})
		if fetches != 1 {
			t.Errorf("%d token requests", fetches)
		}
	})
}
