package client_test

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// lying is a reader that does what no reader may.
type lying struct {
	n     int
	panic bool
}

func (l lying) Read(p []byte) (int, error) {
	if l.panic {
		panic("swordfish")
	}
	return l.n + len(p), nil
}

// unclosable panics when it is closed.
type unclosable struct{ io.Reader }

func (unclosable) Close() error { panic("closed") }

// What the caller's body does on the goroutines of net/http is an error of the call, and
// does not end the process.
func TestBodyThatBreaksTheContractOfAReader(t *testing.T) {
	for name, serve := range map[string]func(http.Handler) *httptest.Server{
		"HTTP/1.1": httptest.NewServer,
		"HTTP/2": func(h http.Handler) *httptest.Server {
			srv := httptest.NewUnstartedServer(h)
			srv.EnableHTTP2 = true
			srv.StartTLS()
			return srv
		},
	} {
		srv := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
		defer srv.Close()
		c, err := client.New(client.Config{BaseURL: srv.URL, Source: newSource(t, "tok-1", "tok-2"), Base: srv.Client().Transport, Logger: new(logs).logger()})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for what, body := range map[string]io.Reader{
			"panics": lying{panic: true}, "returns more": lying{n: 1}, "returns a negative count": lying{n: math.MinInt32},
			"panics later": io.MultiReader(strings.NewReader("text"), lying{panic: true}),
		} {
			for how, send := range map[string]func() error{
				"Raw": func() error {
					_, err := client.Post[any](t.Context(), c, "/x", client.Raw{Reader: body})
					return err
				},
				"Open": func() error {
					_, err := client.Post[any](t.Context(), c, "/x", client.Raw{Open: func() (io.ReadCloser, error) { return io.NopCloser(body), nil }})
					return err
				},
				"Multipart": func() error {
					_, err := client.Post[any](t.Context(), c, "/x", client.Multipart(client.Part{Name: "n", Reader: body}))
					return err
				},
				"Do": func() error {
					req, err := c.NewRequest(t.Context(), "POST", "/x", nil, client.Raw{Reader: body})
					if err != nil {
						return err
					}
					resp, err := c.Do(req)
					return closed(resp, err)
				},
				"HTTPClient": func() error {
					resp, err := c.HTTPClient().Post(srv.URL+"/x", "text/plain", body)
					return closed(resp, err)
				},
			} {
				if err := send(); err == nil {
					t.Errorf("%s, %s, %s: no error", name, what, how)
				}
			}
		}
		resp, err := c.HTTPClient().Post(srv.URL+"/x", "text/plain", unclosable{strings.NewReader("text")})
		if err := closed(resp, err); err != nil {
			t.Errorf("%s, a Close that panics: %v", name, err)
		}
	}
}

type pointer *pointer

// A pointer type that is its own element is an error, and no loop.
func TestBodyThatIsAPointerToItself(t *testing.T) {
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) { return answer(req, 200, "{}"), nil })
	var p pointer
	p = &p
	for name, body := range map[string]any{"itself": p, "nil": pointer(nil), "inside": map[string]any{"a": p}, "field": struct{ P any }{p}} {
		if _, err := client.Post[any](t.Context(), c, "/x", body); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
