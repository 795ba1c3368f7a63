package benchmarks

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/smithy-go/auth/bearer"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// openSmithy is the bearer token cache below the AWS SDK. It does: a hit without a
// lock, one fetch for all, renewal in the background by the first hit in the last
// part of a token's life. It does not: remember a failure, share.
func openSmithy(_ testing.TB, gw *gateway) getter {
	cache := smithyCache(gw)
	return func(ctx context.Context) (string, error) {
		tok, err := cache.RetrieveBearerToken(ctx)
		return tok.Value, err
	}
}

func smithyCache(gw *gateway) *bearer.TokenCache {
	return bearer.NewTokenCache(
		bearer.TokenProviderFunc(func(ctx context.Context) (bearer.Token, error) {
			t, err := gw.issue(ctx)
			return bearer.Token{Value: t.text, CanExpire: true, Expires: t.expiry}, err
		}),
		func(o *bearer.TokenCacheOptions) { o.RefreshBeforeExpires = gw.renewal() },
	)
}

// smithyTransport is the middleware for bearer tokens alone, which every client of the
// SDK has that signs with them: it copies the request with all of its headers, and adds
// the token to the copy. What it takes to make the SDK's request from one of net/http
// belongs to it, and what makes one of net/http again, Build, which is a second copy.
// The rest of the SDK's stack is not included: serialization, retries, metrics. A request
// with a body would have to be given to the SDK as a stream.
func smithyTransport(_ testing.TB, base http.RoundTripper, gw *gateway) http.RoundTripper {
	return smithyStack{bearer.NewAuthenticationMiddleware(bearer.NewSignHTTPSMessage(), smithyCache(gw)), smithySender{base}}
}

// smithyStack is the middleware as a RoundTripper, smithySender the opposite.
type smithyStack struct {
	auth *bearer.AuthenticationMiddleware
	send middleware.FinalizeHandler
}

func (s smithyStack) RoundTrip(raw *http.Request) (*http.Response, error) {
	out, _, err := s.auth.HandleFinalize(raw.Context(), middleware.FinalizeInput{Request: &smithyhttp.Request{Request: raw}}, s.send)
	resp, _ := out.Result.(*http.Response)
	return resp, err
}

type smithySender struct{ base http.RoundTripper }

func (s smithySender) HandleFinalize(ctx context.Context, in middleware.FinalizeInput) (
	out middleware.FinalizeOutput, _ middleware.Metadata, _ error,
) {
	resp, err := s.base.RoundTrip(in.Request.(*smithyhttp.Request).Build(ctx))
	out.Result = resp
	return out, middleware.Metadata{}, err
}
