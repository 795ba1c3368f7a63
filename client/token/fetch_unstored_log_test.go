package token_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/store"
)

// swaps is a store that answers a CompareAndSwap as the test says.
type swaps struct {
	store.Map
	answer func(tok store.Token) (store.Token, error)
}

func (s *swaps) CompareAndSwap(_ context.Context, _ string, _, tok store.Token) (store.Token, error) {
	return s.answer(tok)
}

// A token that the store does not take is used, and a warning says why, once.
func TestTokenThatCannotBeStoredIsLoggedOnce(t *testing.T) {
	for why, answer := range map[string]func(store.Token) (store.Token, error){
		"OOM":                       func(store.Token) (store.Token, error) { return store.Token{}, errors.New("OOM") },
		tokenerr.ErrNoToken.Error(): func(store.Token) (store.Token, error) { return store.Token{}, nil },
		tokenerr.ErrEnded.Error(): func(store.Token) (store.Token, error) {
			return store.NewToken("ended", time.Now().Add(-time.Hour), time.Now().Add(-time.Second))
		},
		"has it no more": func(tok store.Token) (store.Token, error) { return tok, nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			g := new(gateway)
			s, err := token.New(token.Config{
				Store: &swaps{answer: answer}, Key: key, Fetch: g.fetch, Logger: slog.New(slog.NewTextHandler(&log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for range 3 {
				if tok, err := s.Token(t.Context(), 0); err != nil || tok.Reveal() != "token-1" {
					t.Errorf("%s: %v, %v", why, tok, err)
				}
			}
			synctest.Wait()
			const message = "could not be stored"
			if n := strings.Count(log.String(), message); n != 1 || !strings.Contains(log.String(), why) {
				t.Errorf("%s: %d warnings in\n%s", why, n, &log)
			}
		})
	}
}

// An ended token that the store does not delete is the store's failure: nothing is fetched, as it
// would be for each call.
func TestEndedTokenThatCannotBeDeletedIsAFailureOfTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{Store: &undeletable{}})
		if tok, err := s.Token(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "read only") {
			t.Errorf("%v, %v", tok, err)
		}
		if n := g.fetches.Load(); n != 0 {
			t.Errorf("%d token requests", n)
		}
	})
}

// undeletable is a store whose token has ended and stays.
type undeletable struct{ store.Map }

func (*undeletable) Get(context.Context, string) (store.Token, error) {
	return store.NewToken("ended", time.Now().Add(-time.Hour), time.Now().Add(-time.Second))
}

func (*undeletable) CompareAndDelete(context.Context, string, store.Token) error {
	return errors.New("read only")
}

// What could not be stored is forgotten with the last Source: the key may be another identity's
// next, and its token must not be offered to that one.
func TestUnstoredTokenEndsWithTheLastSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		broken := &faulty{casErr: errors.New("OOM")}
		fetcher := token.NewFetcher()
		s := start(t, g, token.Config{Store: broken, Fetcher: fetcher})
		mustToken(t, s)
		g.fail(errors.New("gateway down")) // which is remembered, and keeps the account
		if _, err := s.Refresh(t.Context()); err == nil {
			t.Fatal("refreshed")
		}
		s.Close()
		s = start(t, g, token.Config{Store: new(store.Map), Fetcher: fetcher})
		if tok, err := s.Token(t.Context(), 0); err == nil {
			t.Errorf("got %s, of a Source that is closed", tok.Reveal())
		}
	})
}
