package benchmarks

import (
	"context"
	"net/http"
	"testing"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/httptransport"
)

type cloudProvider struct{ gw *gateway }

func (p cloudProvider) Token(ctx context.Context) (*auth.Token, error) {
	t, err := p.gw.issue(ctx)
	if err != nil {
		return nil, err
	}
	return &auth.Token{Value: t.text, Expiry: t.expiry}, nil
}

// openCloudAuth is the cached provider of Google's client libraries. It does: one
// fetch for all, renewal in the background by the first hit in the last part of a
// token's life. It does not: let a waiting caller leave, remember a failure (but that
// of a renewal), share. A mutex is taken on each hit.
func openCloudAuth(_ testing.TB, gw *gateway) getter {
	cached := cachedProvider(gw)
	return func(ctx context.Context) (string, error) {
		tok, err := cached.Token(ctx)
		if err != nil {
			return "", err
		}
		return tok.Value, nil
	}
}

func cachedProvider(gw *gateway) auth.TokenProvider {
	return auth.NewCachedTokenProvider(cloudProvider{gw}, &auth.CachedTokenProviderOptions{ExpireEarly: gw.renewal()})
}

// cloudAuthTransport is the middleware alone. For each request it also asks whether
// the credentials belong to the cloud that is called, which reads an environment
// variable. The package's NewClient would add telemetry, and a second copy.
func cloudAuthTransport(tb testing.TB, base http.RoundTripper, gw *gateway) http.RoundTripper {
	c := &http.Client{Transport: base}
	creds := auth.NewCredentials(&auth.CredentialsOptions{TokenProvider: cachedProvider(gw)})
	if err := httptransport.AddAuthorizationMiddleware(c, creds); err != nil {
		tb.Fatal(err)
	}
	return c.Transport
}
