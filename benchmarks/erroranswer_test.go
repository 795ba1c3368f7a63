package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/advoware-go/advoware/client"
)

// jwt has the parts of a JSON Web Token with some claims, and is as long.
var jwt = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9." + strings.Repeat("eyJzdWIiOiIxMjM0NTY3ODkwIn0", 24) + "." + strings.Repeat("dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", 8)

// pageOf repeats a line until there are so many bytes.
func pageOf(line string, size int) string { return strings.Repeat(line, size/len(line)+1)[:size] }

// errorAnswers are the values of the key answer=. What comes after 502-page is 20 KB made
// to cost as much as can be: the token but for its last byte, again and again; a letter of
// it as JSON and as a URL may spell it, all over.
var errorAnswers = []struct {
	name   string
	status int
	kind   string // Content-Type
	body   string
}{
	{"404", http.StatusNotFound, "application/json", `{"message":"Die Akte 4711/26 wurde nicht gefunden.","code":"not_found"}`},
	{"502-page", http.StatusBadGateway, "text/html", pageOf(`<tr style="width: 100%"><td class="e">Zugriff&nbsp;verweigert &ndash; <a href="/x?a=1&amp;b=2">mehr</a></td></tr>`+"\n", 20<<10)},
	{"502-resembling", http.StatusBadGateway, "text/plain", pageOf(jwt[:len(jwt)-1]+"!", 20<<10)},
	{"502-json-escapes", http.StatusBadGateway, "application/json", pageOf(`\u0065yJ`, 20<<10)},
	{"502-url-escapes", http.StatusBadGateway, "text/plain", pageOf("%2565yJ", 20<<10)},
}

// failer makes one call, which the API refuses, and returns the error with the body in it.
type failer func(context.Context) error

// handError is what one writes for an answer that is none: with the body, of which the
// message shows the beginning.
type handError struct {
	Status int
	Header http.Header
	Body   []byte
}

func (e *handError) Error() string { return fmt.Sprintf("status %d: %.200s", e.Status, e.Body) }

// failers are the values of the key impl=. by-hand is the floor; azcore reads the answer
// into an error of its own, and hides nothing in it.
var failers = []struct {
	name string
	open func(tb testing.TB, url string, base http.RoundTripper) failer
}{
	{"by-hand", func(_ testing.TB, url string, base http.RoundTripper) failer {
		c := &http.Client{Transport: copying{base, []string{"Bearer " + jwt}}}
		return failing(c, url, func(resp *http.Response) error {
			body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
			if err != nil {
				return err
			}
			return &handError{resp.StatusCode, resp.Header, body}
		})
	}},
	{"advoware", func(tb testing.TB, url string, base http.RoundTripper) failer {
		c := must(client.New(client.Config{BaseURL: url, Source: openSource(tb, openTiered(tb), &gateway{text: jwt}), Base: base, Logger: quiet()}))
		tb.Cleanup(func() { _ = c.Close() })
		return func(ctx context.Context) error {
			_, err := c.Call(ctx, client.Request{Endpoint: "/akten/4711"})
			return err
		}
	}},
	{"azcore", func(tb testing.TB, url string, base http.RoundTripper) failer {
		c := &http.Client{Transport: azcoreTransport(tb, base, &gateway{text: jwt})}
		return failing(c, url, func(resp *http.Response) error { return runtime.NewResponseError(resp) })
	}},
}

func failing(c *http.Client, url string, read func(*http.Response) error) failer {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/akten/4711", nil)
		if err != nil {
			return err
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("User-Agent", "advoware-go")
		resp, err := c.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		return read(resp)
	}
}

// answerStub answers at once, in memory.
type answerStub struct {
	status int
	kind   string
	body   string
}

func (s answerStub) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: s.status, Status: fmt.Sprint(s.status, " ", http.StatusText(s.status)), Request: req, ContentLength: int64(len(s.body)),
		Header: http.Header{"Content-Type": {s.kind}, "Date": {"Mon, 30 Nov 2026 12:00:00 GMT"}, "Server": {"Microsoft-IIS/10.0"}, "X-Request-Id": {"0HN7A2"}},
		Body:   io.NopCloser(strings.NewReader(s.body)),
	}, nil
}

// BenchmarkErrorAnswer is a call that the API answers with an error, which its caller gets
// with the body in it: over a stub, and with wire=loopback over HTTP on this machine.
func BenchmarkErrorAnswer(b *testing.B) {
	for _, answer := range errorAnswers {
		for _, f := range failers {
			b.Run(fmt.Sprintf("impl=%s/answer=%s", f.name, answer.name), func(b *testing.B) {
				fails(b, f.open(b, stubURL, answerStub{answer.status, answer.kind, answer.body}))
			})
		}
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", answer.kind)
			w.WriteHeader(answer.status)
			_, _ = io.WriteString(w, answer.body)
		}))
		for _, f := range failers {
			if f.name == "azcore" {
				continue // it sends tokens by https only
			}
			b.Run(fmt.Sprintf("impl=%s/answer=%s/wire=loopback", f.name, answer.name), func(b *testing.B) {
				fails(b, f.open(b, api.URL, wire(b)))
			})
		}
		api.Close()
	}
}

func fails(b *testing.B, call failer) {
	checkFailure(b, call(b.Context()))
	defer measure(b)()
	for b.Loop() {
		if call(b.Context()) == nil {
			b.Fatal("no error")
		}
	}
}

// checkFailure fails unless the error has the body of the answer in it.
func checkFailure(tb testing.TB, err error) {
	var api *client.APIError
	var hand *handError
	var azure *azcore.ResponseError
	size := 0
	switch {
	case errors.As(err, &api):
		size = len(api.Body)
	case errors.As(err, &hand):
		size = len(hand.Body)
	case errors.As(err, &azure):
		body, _ := io.ReadAll(azure.RawResponse.Body)
		size = len(body)
	}
	if size == 0 {
		tb.Fatalf("got %v, want an error with the body", err)
	}
}
