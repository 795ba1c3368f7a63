// Package oauth2x connects the library with golang.org/x/oauth2, in both directions.
//
// [TokenSource] gives the tokens of a [token.Source] to whatever takes an
// oauth2.TokenSource. [Fetch] lets a token.Source keep the tokens of any
// oauth2.TokenSource: with the near and the far store, one token request for a fleet,
// renewal ahead and remembered failures.
//
// Everything here is safe for concurrent use.
package oauth2x

import (
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"github.com/advoware-go/advoware/client/token"
)

// tokenSource is a token.Source as an oauth2.TokenSource.
type tokenSource struct {
	ctx    context.Context
	source *token.Source
}

// TokenSource returns an oauth2.TokenSource whose tokens are those of source. Each call of
// its Token is a lookup, which costs nanoseconds while there is a valid token: do not put
// an oauth2.ReuseTokenSource around it, which would go on with a token that was revoked.
// ctx ends all waits.
//
// It has no way to hear that the API refused a token. Report that to source.Reject, or use
// client.Transport, which does so and repeats the request; attempt.Do does so for anything else.
// An oauth2.Token has no secret type: whoever prints one prints the token.
func TokenSource(ctx context.Context, source *token.Source) oauth2.TokenSource {
	return &tokenSource{ctx, source}
}

// Token returns a valid token. Its Expiry is the instant from which on source does not use
// it any more, some seconds before the server refuses it.
func (s *tokenSource) Token() (*oauth2.Token, error) {
	if s.ctx == nil || s.source == nil {
		return nil, errors.New("oauth2x: TokenSource needs a context and a Source")
	}
	tok, err := s.source.Token(s.ctx, 0)
	if err == nil && !tok.ValidAt(time.Now()) { // the machine has slept: a store that expires its tokens by a timer does not know yet
		tok, err = s.source.Token(s.ctx, time.Nanosecond)
	}
	if err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: tok.Reveal(), TokenType: "Bearer", Expiry: tok.Expiry()}, nil
}
