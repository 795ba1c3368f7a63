package oauth2x

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/advoware-go/advoware/store"
)

// Fetch returns a token.Config.Fetch that takes its tokens from another oauth2.TokenSource,
// as clientcredentials.Config has one for each context:
//
//	token.Config{
//		Fetch:  oauth2x.Fetch(func(ctx context.Context) oauth2.TokenSource { return cc.TokenSource(ctx) }, store.Margins{}),
//		Errors: oauth2x.Errors{},
//		…
//	}
//
// from is called for each token request, so that ctx ends the request, and no token is
// reused that was refused. A token is used until margins.Guard before its Expiry; 0 means
// 10 s. Tokens of another type than Bearer and tokens without an Expiry are errors: without
// an end they could not be kept in a store that other processes share.
func Fetch(from func(context.Context) oauth2.TokenSource, margins store.Margins) func(context.Context) (store.Token, error) {
	margins = margins.WithDefaults()
	return func(ctx context.Context) (store.Token, error) {
		source := from(ctx)
		if source == nil {
			return store.Token{}, errors.New("oauth2x: there is no TokenSource")
		}
		issued := time.Now()
		tok, err := source.Token()
		switch {
		case err != nil:
			return store.Token{}, shown(err)
		case tok == nil:
			return store.Token{}, errors.New("oauth2x: the TokenSource returned no token and no error")
		case !strings.EqualFold(tok.Type(), "Bearer"):
			return store.Token{}, fmt.Errorf("oauth2x: a token of type %.20q: only Bearer is supported", tok.Type())
		case tok.Expiry.IsZero():
			return store.Token{}, errors.New("oauth2x: the token has no expiry, which a store needs")
		}
		got, err := store.NewToken(tok.AccessToken, issued, tok.Expiry.Add(-margins.Guard))
		if err != nil {
			return store.Token{}, fmt.Errorf("oauth2x: %w", err)
		}
		return got, nil
	}
}
