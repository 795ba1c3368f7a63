package benchmarks

import (
	"context"
	"testing"

	"github.com/aws/smithy-go/auth/bearer"
)

// openSmithy is the bearer token cache below the AWS SDK. It does: a hit without a
// lock, one fetch for all, renewal in the background by the first hit in the last
// part of a token's life. It does not: remember a failure, share.
func openSmithy(_ testing.TB, gw *gateway) getter {
	cache := bearer.NewTokenCache(
		bearer.TokenProviderFunc(func(ctx context.Context) (bearer.Token, error) {
			t, err := gw.issue(ctx)
			return bearer.Token{Value: t.text, CanExpire: true, Expires: t.expiry}, err
		}),
		func(o *bearer.TokenCacheOptions) { o.RefreshBeforeExpires = gw.renewal() },
	)
	return func(ctx context.Context) (string, error) {
		tok, err := cache.RetrieveBearerToken(ctx)
		return tok.Value, err
	}
}
