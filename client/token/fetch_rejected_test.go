package token_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// quick is a store whose readers are faster than the writer: stored is called before it learns
// that its token is there.
type quick struct {
	store.Map
	stored func(tok store.Token)
}

func (q *quick) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	standing, err := q.Map.CompareAndSwap(ctx, key, old, tok)
	if stored := q.stored; stored != nil && err == nil {
		q.stored = nil
		stored(tok)
	}
	return standing, err
}

// A call finds a new token in the store, and the API refuses it, before the fetch has ended.
// The token is not taken for one that the store has lost, nor for one that was issued again.
func TestTokenThatIsRejectedBeforeItsFetchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, q := new(gateway), new(quick)
		var log bytes.Buffer
		s, err := token.New(token.Config{Store: q, Key: key, Fetch: g.fetch, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var refused store.Token
		q.stored = func(tok store.Token) {
			refused = tok
			if err := s.Reject(t.Context(), tok); err != nil {
				t.Errorf("Reject: %v", err)
			}
		}
		mustToken(t, s) // which the API refuses
		for range 3 {
			if tok := mustToken(t, s); tok.Equal(refused) {
				t.Fatal("the token that was rejected is handed out")
			}
		}
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d token requests, want 2", n)
		}
		if tok, err := q.Get(t.Context(), key); err != nil || tok.Equal(refused) {
			t.Errorf("the store has %v (%v), want the second token", tok.Fingerprint(), err)
		}
		synctest.Wait()
		if strings.Contains(log.String(), "could not be stored") {
			t.Errorf("a warning in\n%s", &log)
		}
	})
}
