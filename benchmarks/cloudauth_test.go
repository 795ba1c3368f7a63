package benchmarks

import (
	"context"
	"testing"

	"cloud.google.com/go/auth"
)

type cloudProvider struct{ gw *gateway }

func (p cloudProvider) Token(context.Context) (*auth.Token, error) {
	text, _, expiry := p.gw.issue()
	return &auth.Token{Value: text, Expiry: expiry}, nil
}

// openCloudAuth is the cached provider of Google's client libraries.
func openCloudAuth(_ testing.TB, gw *gateway) getter {
	cached := auth.NewCachedTokenProvider(cloudProvider{gw}, nil)
	return func(ctx context.Context) (string, error) {
		tok, err := cached.Token(ctx)
		if err != nil {
			return "", err
		}
		return tok.Value, nil
	}
}
