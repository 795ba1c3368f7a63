package benchmarks

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// openAWS is the AWS SDK's cache of credentials, with the token as its session
// token: the AWS counterpart to a bearer token that ends.
func openAWS(_ testing.TB, gw *gateway) getter {
	cache := aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		text, _, expiry := gw.issue()
		return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "key", SessionToken: text, CanExpire: true, Expires: expiry}, nil
	}))
	return func(ctx context.Context) (string, error) {
		c, err := cache.Retrieve(ctx)
		return c.SessionToken, err
	}
}
