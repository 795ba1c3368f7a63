package benchmarks

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

type azcoreCredential struct{ gw *gateway }

func (c azcoreCredential) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	t, err := c.gw.issue(ctx)
	return azcore.AccessToken{Token: t.text, ExpiresOn: t.expiry, RefreshOn: t.expiry.Add(-c.gw.renewal())}, err
}

// openAzcore is the Azure SDK's bearer token policy. Its cache is internal to the
// SDK, so this goes through the policy, at the end of a pipeline that sends nothing:
// a hit also writes the header, and makes the error for the missing rest. Requests
// come from a pool. It does: one fetch for all. It does not: renew in the background
// (one caller does it, and waits; at most every 30 seconds), let a waiting caller
// leave, remember a failure, share. A mutex is taken on each hit.
func openAzcore(tb testing.TB, gw *gateway) getter {
	bearer := runtime.NewBearerTokenPolicy(azcoreCredential{gw}, []string{"scope"}, nil)
	requests := sync.Pool{New: func() any {
		return must(runtime.NewRequest(context.WithoutCancel(tb.Context()), http.MethodGet, "https://localhost/"))
	}}
	return func(context.Context) (string, error) {
		req := requests.Get().(*policy.Request)
		defer requests.Put(req)
		header := req.Raw().Header
		delete(header, "Authorization")
		_, err := bearer.Do(req)
		if text, ok := strings.CutPrefix(header.Get("Authorization"), "Bearer "); ok {
			return text, nil
		}
		return "", err
	}
}
