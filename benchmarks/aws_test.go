package benchmarks

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// openAWS is the AWS SDK's cache of credentials, with the token as its session
// token: the AWS counterpart to a bearer token that ends. It does: a hit without a
// lock, one fetch that outlives its callers. It does not: renew in the background
// (ExpiryWindow only ends a token early), remember a failure, share.
func openAWS(_ testing.TB, gw *gateway) getter {
	cache := aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		t, err := gw.issue(ctx)
		return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "key", SessionToken: t.text, CanExpire: true, Expires: t.expiry}, err
	}))
	return func(ctx context.Context) (string, error) {
		c, err := cache.Retrieve(ctx)
		return c.SessionToken, err
	}
}
