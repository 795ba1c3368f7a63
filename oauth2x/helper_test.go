package oauth2x_test

import (
	"context"
	"log/slog"
	"testing"

	"golang.org/x/oauth2"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/oauth2x"
	"github.com/advoware-go/advoware/store"
)

// source returns a token.Source whose tokens come from an oauth2.TokenSource.
func source(t *testing.T, from func(context.Context) oauth2.TokenSource) *token.Source {
	t.Helper()
	s, err := token.New(token.Config{
		Store: new(store.Map), Key: "key", Credentials: "client",
		Fetch: oauth2x.Fetch(from, store.Margins{}), Errors: oauth2x.Errors{}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// fixed is an oauth2.TokenSource that a function makes.
type fixed func() (*oauth2.Token, error)

func (f fixed) Token() (*oauth2.Token, error) { return f() }
