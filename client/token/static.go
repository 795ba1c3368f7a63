package token

import (
	"context"
	"log/slog"

	"github.com/advoware-go/advoware/store"
)

// Static returns a Source that hands out tok and nothing else, for tests and for programs
// that get a token from elsewhere. It makes no request, plans no renewal and logs nothing.
// After a refusal it hands out tok again; once tok has ended, or if there is none, asking
// for it is a [*FetchError].
func Static(tok store.Token) *Source {
	kept := new(store.Map)
	_, _ = kept.CompareAndSwap(context.Background(), staticKey, store.Token{}, tok) // else Fetch says what is wrong
	s, err := New(Config{
		Store: kept, Key: staticKey, Fetch: func(context.Context) (store.Token, error) { return tok, nil },
		OneShot: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err) // the Config above is complete
	}
	return s
}

const staticKey = "static"
