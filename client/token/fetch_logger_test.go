package token_test

import (
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

func TestLoggerThatPanicsLosesNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s, err := token.New(token.Config{Store: new(store.Map), Key: key, Fetch: g.fetch, Logger: slog.New(panicHandler{func() { panic("logger") }})})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for range 100 {
			_, err = s.Token(t.Context(), 0)
		}
		if n := g.fetches.Load(); n != 1 || err != nil {
			t.Errorf("%d fetches, %v", n, err)
		}
	})
}
