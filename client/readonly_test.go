package client_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/client"
)

// readers are the ways to send a request with any method and header.
var readers = map[string]func(c *client.Client, method string, header http.Header) error{
	"Call": func(c *client.Client, method string, header http.Header) error {
		_, err := c.Call(context.Background(), client.Request{Method: method, Header: header})
		return err
	},
	"Each": func(c *client.Client, method string, header http.Header) error {
		for _, err := range client.Each[int](context.Background(), c, client.Request{Method: method, Header: header}) {
			return err
		}
		return nil
	},
	"Open": func(c *client.Client, method string, header http.Header) error {
		return closed(client.Open(context.Background(), c, client.Request{Method: method, Header: header}))
	},
	"Do": func(c *client.Client, method string, header http.Header) error {
		return closed(c.Do(&http.Request{Method: method, URL: c.HTTPClient().Transport.(*client.Transport).Origin, Header: header}))
	},
	"HTTPClient": func(c *client.Client, method string, header http.Header) error {
		return closed(c.HTTPClient().Do(&http.Request{Method: method, URL: c.HTTPClient().Transport.(*client.Transport).Origin, Header: header}))
	},
	"Transport": func(c *client.Client, method string, header http.Header) error {
		tr := c.HTTPClient().Transport.(*client.Transport)
		return closed(tr.RoundTrip(&http.Request{Method: method, URL: tr.Origin, Header: header}))
	},
	"elsewhere": func(c *client.Client, method string, header http.Header) error {
		req, err := http.NewRequest(method, "https://elsewhere.test/", nil)
		if err != nil {
			return err
		}
		req.Header = header
		return closed(c.HTTPClient().Do(req))
	},
}

// A client that only reads sends nothing else, and asks for no token for it.
func TestReadOnly(t *testing.T) {
	for way, send := range readers {
		for _, tt := range []struct {
			method, header string
			refused        bool
		}{
			{"", "", false}, {"GET", "", false}, {"HEAD", "", false}, {"OPTIONS", "", false}, {"GET", "X-Other", false},
			{"POST", "", true}, {"PUT", "", true}, {"PATCH", "", true}, {"DELETE", "", true}, {"TRACE", "", true}, {"CONNECT", "", true},
			{"post", "", true}, {"Get", "", true}, {"get", "", true}, {"QUERY", "", true}, {"PROPFIND", "", true},
			{"GET", "X-HTTP-Method-Override", true}, {"GET", "x-http-method-override", true}, {"HEAD", "X-Http-Method", true},
			{"OPTIONS", "X-Method-Override", true}, {"", "X_HTTP_METHOD_OVERRIDE", true}, {"POST", "X-HTTP-Method-Override", true},
		} {
			var requests atomic.Int32
			c, err := client.New(client.Config{BaseURL: apiBase, Source: newSource(t, "tok-1"), ReadOnly: true, Logger: slog.New(slog.DiscardHandler),
				Base: roundTrip(func(req *http.Request) (*http.Response, error) {
					requests.Add(1)
					return answer(req, 200, "[]"), nil
				})})
			if err != nil {
				t.Fatal(err)
			}
			header := http.Header{}
			if tt.header != "" {
				header[tt.header] = []string{"DELETE"}
			}
			err = send(c, tt.method, header)
			name := way + " " + tt.method + " " + tt.header
			if !tt.refused {
				if err != nil || requests.Load() != 1 {
					t.Errorf("%s: %v, %d requests", name, err, requests.Load())
				}
			} else {
				notSent, maybe := outcomes(err)
				var wrong *client.RequestError
				if requests.Load() != 0 || c.Stats().TokenFetches != 0 || !notSent || maybe || !errors.As(err, &wrong) {
					t.Errorf("%s: %v, %d requests, %d tokens", name, err, requests.Load(), c.Stats().TokenFetches)
				}
				if tt.method != "CONNECT" && !errors.Is(err, client.ErrReadOnly) {
					t.Errorf("%s: %v does not match ErrReadOnly", name, err)
				}
			}
			_ = c.Close()
		}
	}
}

// A redirect that keeps the method is followed, as for any other client, and the body of
// what is refused is closed.
func TestReadOnlyWithRedirectsAndBodies(t *testing.T) {
	w := start(t, setup{client: func(c *client.Config) { c.ReadOnly = true }})
	w.warm(t) // the token request is a POST
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/x" {
			return answer(req, 307, "", "Location: /y"), nil
		}
		return answer(req, 200, "1"), nil
	})
	tr := c.HTTPClient().Transport.(*client.Transport)
	tr.ReadOnly = true
	if n, err := client.Get[int](t.Context(), c, "/x", nil); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	body := &closeCounter{Reader: strings.NewReader("x")}
	req, _ := http.NewRequest("POST", apiBase, body)
	if _, err := c.Do(req); !errors.Is(err, client.ErrReadOnly) || body.closed != 1 {
		t.Errorf("%v, closed %d times", err, body.closed)
	}
}
