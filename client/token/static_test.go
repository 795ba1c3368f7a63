package token_test

import (
	"errors"
	"io"
	"log"
	"log/slog"
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
		if at := s.Status().Renewal; !at.IsZero() {
			t.Errorf("a renewal is planned at %v", at)
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

// It logs nothing, not even that there is no token any more.
func TestStaticIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := new(records)
		defer func(l *slog.Logger, to io.Writer, flags int) {
			slog.SetDefault(l)
			log.SetOutput(to)
			log.SetFlags(flags)
		}(slog.Default(), log.Writer(), log.Flags())
		slog.SetDefault(slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug})))
		s := token.Static(newToken(t, "static", time.Minute))
		defer s.Close()
		mustToken(t, s)
		time.Sleep(time.Hour)
		if tok, err := s.Token(t.Context(), 0); err == nil {
			t.Errorf("got %v, which has ended", tok)
		}
		if text := said.take(); text != "" {
			t.Errorf("it says %s", text)
		}
	})
}
