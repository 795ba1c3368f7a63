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
// SDK, so this goes through the policy, at the end of a pipeline that sends nothing.
// So its figures in Token, Stampede and Expiry are of more than a hit: it also writes
// the header, from which the token is read again, and makes the error for the missing
// rest. Requests come from a pool. It does: one fetch for all. It does not: renew in the background
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

// azcoreTransport is a pipeline with nothing switched on but the bearer token policy:
// one attempt, no telemetry, and answers are not read beforehand. It writes the header
// once, and makes no error. What it takes to make the SDK's request from one of net/http
// belongs to it. So does the policy for retries,
// which is always there: it copies the request, and the token is added to the copy; and
// it cleans the URL for a log that nobody keeps. A request with a body would have to be
// copied before that: its body is read and replaced.
func azcoreTransport(_ testing.TB, base http.RoundTripper, gw *gateway) http.RoundTripper {
	bearer := runtime.NewBearerTokenPolicy(azcoreCredential{gw}, []string{"scope"}, nil)
	return azcorePipeline{runtime.NewPipeline("benchmarks", "v0", runtime.PipelineOptions{PerRetry: []policy.Policy{bearer}},
		&policy.ClientOptions{
			Transport: transporter{base}, Retry: policy.RetryOptions{MaxRetries: -1}, Telemetry: policy.TelemetryOptions{Disabled: true},
		})}
}

// azcorePipeline is a pipeline as a RoundTripper, transporter the opposite.
type azcorePipeline struct{ runtime.Pipeline }

func (p azcorePipeline) RoundTrip(raw *http.Request) (*http.Response, error) {
	req, err := runtime.NewRequestFromRequest(raw)
	if err != nil {
		return nil, err
	}
	runtime.SkipBodyDownload(req)
	return p.Do(req)
}

type transporter struct{ http.RoundTripper }

func (t transporter) Do(req *http.Request) (*http.Response, error) { return t.RoundTrip(req) }
