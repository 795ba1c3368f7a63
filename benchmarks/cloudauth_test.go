package benchmarks

import (
	"context"
	"testing"

	"cloud.google.com/go/auth"
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
	cached := auth.NewCachedTokenProvider(cloudProvider{gw}, &auth.CachedTokenProviderOptions{ExpireEarly: gw.renewal()})
	return func(ctx context.Context) (string, error) {
		tok, err := cached.Token(ctx)
		if err != nil {
			return "", err
		}
		return tok.Value, nil
	}
}
