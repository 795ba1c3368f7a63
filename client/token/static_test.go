package token_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

func TestStaticHandsOutOneToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine or a timer stays
		tok := newToken(t, "fixed", time.Hour)
		s := token.Static(tok)
		defer s.Close()
		for range 5 {
			f, err := s.Lookup(t.Context(), 0)
			if err != nil || !f.Token.Equal(tok) {
				t.Fatalf("Lookup = %v, %v", f.Token, err)
			}
			if err := s.Reject(t.Context(), f.Token); err != nil && !errors.Is(err, token.ErrRejectBudget) {
				t.Errorf("Reject: %v", err)
			}
		}
		if f, err := s.Refresh(t.Context()); err != nil || !f.Token.Equal(tok) {
			t.Errorf("Refresh = %v, %v", f.Token, err)
		}
		time.Sleep(time.Hour)
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, store.ErrUnusable) {
			t.Errorf("once it has ended: %v", err)
		}
		s.Close()
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestStaticWithoutAToken(t *testing.T) {
	s := token.Static(store.Token{})
	defer s.Close()
	if _, err := s.Token(t.Context(), 0); !errors.Is(err, store.ErrUnusable) || !errors.As(err, new(*token.FetchError)) {
		t.Errorf("Token: %v", err)
	}
}
