package benchmarks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// sizedStub answers with a text, and with its length or without.
type sizedStub struct {
	text   string
	length int64
}

func (s sizedStub) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Request: req, ContentLength: s.length,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(s.text)),
	}, nil
}

// BenchmarkAnswerSize is what an answer of 5 MB costs to be held in memory, with and without
// a Content-Length, over a stub: B/op is what matters. impl=ReadAll is the floor of whoever
// does not look at the length.
func BenchmarkAnswerSize(b *testing.B) {
	text := `"` + strings.Repeat("x", pick(5<<20, 5<<10)) + `"`
	for _, length := range []int64{int64(len(text)), -1} {
		base := sizedStub{text, length}
		c := ownClient(b, openTiered(b), base, quiet())
		for _, impl := range []struct {
			name string
			read func(context.Context) (int, error)
		}{
			{"ReadAll", func(ctx context.Context) (int, error) {
				req := must(http.NewRequestWithContext(ctx, http.MethodGet, stubURL+"large", nil))
				resp := must(base.RoundTrip(req))
				body, err := io.ReadAll(resp.Body)
				return len(body), err
			}},
			{"Call", func(ctx context.Context) (int, error) {
				body, err := c.Call(ctx, client.Request{Endpoint: "/large"})
				return len(body), err
			}},
			{"Get", func(ctx context.Context) (int, error) {
				body, err := client.Get[json.RawMessage](ctx, c, "/large", nil)
				return len(body), err
			}},
		} {
			b.Run(fmt.Sprintf("impl=%s/length=%s", impl.name, map[bool]string{true: "unknown", false: "known"}[length < 0]), func(b *testing.B) {
				defer measure(b)()
				for b.Loop() {
					if n, err := impl.read(b.Context()); n != len(text) || err != nil {
						b.Fatalf("%d bytes, %v", n, err)
					}
				}
			})
		}
	}
}
