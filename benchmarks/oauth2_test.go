package benchmarks

import (
	"context"
	"net/http"
	"testing"

	"golang.org/x/oauth2"
)

// oauth2Source is golang.org/x/oauth2's TokenSource over a gateway.
type oauth2Source struct{ gw *gateway }

func (s oauth2Source) Token() (*oauth2.Token, error) {
	text, _, expiry := s.gw.issue()
	return &oauth2.Token{AccessToken: text, Expiry: expiry}, nil
}

func openOAuth2(_ testing.TB, gw *gateway) getter {
	source := oauth2.ReuseTokenSource(nil, oauth2Source{gw})
	return func(context.Context) (string, error) {
		tok, err := source.Token()
		if err != nil {
			return "", err
		}
		return tok.AccessToken, nil
	}
}

func oauth2Transport(_ testing.TB, base http.RoundTripper, gw *gateway) http.RoundTripper {
	return &oauth2.Transport{Source: oauth2.ReuseTokenSource(nil, oauth2Source{gw}), Base: base}
}
