package benchmarks

import (
	"context"
	"net/http"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// oauth2Source is golang.org/x/oauth2's TokenSource over a gateway.
type oauth2Source struct{ gw *gateway }

func (s oauth2Source) Token() (*oauth2.Token, error) {
	t, err := s.gw.issue(context.Background())
	if err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: t.text, Expiry: t.expiry}, nil
}

// openOAuth2 is golang.org/x/oauth2's ReuseTokenSource, which most Go programs have.
// It does: one fetch for all callers. It does not: let a caller leave, renew ahead,
// remember a failure, share. A mutex is held on each hit, and during the fetch.
func openOAuth2(_ testing.TB, gw *gateway) getter {
	source := reuse(gw)
	return func(context.Context) (string, error) {
		tok, err := source.Token()
		if err != nil {
			return "", err
		}
		return tok.AccessToken, nil
	}
}

// reuse gives a token up 10 s before its end, unless tokens live shorter than that.
func reuse(gw *gateway) oauth2.TokenSource {
	if gw.life > 0 {
		return oauth2.ReuseTokenSourceWithExpiry(nil, oauth2Source{gw}, time.Millisecond)
	}
	return oauth2.ReuseTokenSource(nil, oauth2Source{gw})
}

func oauth2Transport(_ testing.TB, base http.RoundTripper, gw *gateway) http.RoundTripper {
	return &oauth2.Transport{Source: reuse(gw), Base: base}
}
