package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
)

// What a RoundTripper is given may be incomplete, and so may it be itself: an error, and
// the body closed, but no panic.
func TestIncompleteRoundTrips(t *testing.T) {
	good := func() *client.Transport {
		return &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, apiBase), Logger: new(logs).logger(),
			Base: roundTrip(func(req *http.Request) (*http.Response, error) { return answer(req, 200, ""), nil })}
	}
	for name, tt := range map[string]struct {
		transport func(*client.Transport)
		request   func(*http.Request)
		works     bool
	}{
		"nil Source":         {transport: func(tr *client.Transport) { tr.Source = nil }},
		"nil *token.Source":  {transport: func(tr *client.Transport) { tr.Source = (*token.Source)(nil) }},
		"nil Origin":         {transport: func(tr *client.Transport) { tr.Origin = nil }},
		"nil both":           {transport: func(tr *client.Transport) { tr.Origin, tr.Source = nil, nil }},
		"nil URL":            {request: func(r *http.Request) { r.URL = nil }},
		"nil Header":         {request: func(r *http.Request) { r.Header = nil }, works: true},
		"nil Logger":         {transport: func(tr *client.Transport) { tr.Logger = nil }, works: true},
		"nil Body":           {request: func(r *http.Request) { _ = r.Body.Close(); r.Body = nil }, works: true},
		"no method":          {request: func(r *http.Request) { r.Method = "" }, works: true},
		"GetBody fails":      {request: func(r *http.Request) { r.GetBody = func() (io.ReadCloser, error) { return nil, io.ErrNoProgress } }, works: true},
		"elsewhere, no Base": {request: func(r *http.Request) { r.URL = &url.URL{} }, transport: func(tr *client.Transport) { tr.Base = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			tr := good()
			var bodies tally
			req, _ := http.NewRequestWithContext(t.Context(), "POST", apiBase+"x", bodies.body("x"))
			if tt.transport != nil {
				tt.transport(tr)
			}
			if tt.request != nil {
				tt.request(req)
			}
			resp, err := tr.RoundTrip(req)
			if (err == nil) != tt.works || (resp == nil) == tt.works {
				t.Errorf("%v, %v", resp, err)
			}
			if bodies.open() != 0 {
				t.Error("the body is not closed once")
			}
		})
	}
	if _, err := good().RoundTrip(nil); err == nil {
		t.Error("no request: no error")
	}
	if _, err := stubbed(t, apiBase, func(*http.Request) (*http.Response, error) { return nil, io.ErrNoProgress }).Do(nil); err == nil {
		t.Error("Do of no request: no error")
	}
}

// Whatever a Base does with the body of a request and with its own answer, the body is
// closed once.
func TestBodiesAreClosedOnce(t *testing.T) {
	for base, end := range map[string]func(*http.Request) (*http.Response, error){
		"error":   func(*http.Request) (*http.Response, error) { return nil, io.ErrNoProgress },
		"nothing": func(*http.Request) (*http.Response, error) { return nil, nil },
		"101":     func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 101}, nil },
		"both":    func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, io.ErrNoProgress },
		"200":     func(r *http.Request) (*http.Response, error) { return answer(r, 200, ""), nil },
		"200, no body": func(r *http.Request) (*http.Response, error) {
			resp := answer(r, 200, "")
			resp.Body = nil
			return resp, nil
		},
	} {
		for _, closes := range []bool{true, false} {
			if base[:3] == "200" && !closes {
				continue // is wrong, and a body may be read until it is closed
			}
			for _, again := range []bool{false, true} {
				for _, getBody := range []bool{false, true} {
					for _, at := range []string{apiBase, "https://elsewhere.test/"} {
						first := again && at == apiBase
						var bodies tally
						tr := &client.Transport{Source: newSource(t, "tok-1", "tok-2"), Origin: parse(t, apiBase), Logger: new(logs).logger(),
							Base: roundTrip(func(req *http.Request) (*http.Response, error) {
								if first {
									first = false
									return answer(req, 401, ""), nil
								}
								if closes {
									_ = req.Body.Close()
								}
								return end(req)
							})}
						req, _ := http.NewRequestWithContext(t.Context(), "POST", at, bodies.body("x"))
						if getBody {
							req.GetBody = func() (io.ReadCloser, error) { return bodies.body("x"), nil }
						}
						resp, err := tr.RoundTrip(req)
						if err == nil {
							_ = resp.Body.Close()
						}
						if n := bodies.open(); n != 0 {
							t.Errorf("%s, which closes: %t, after a 401: %t, GetBody: %t, %s: %d bodies are not closed once", base, closes, again, getBody, at, n)
						}
					}
				}
			}
		}
	}
}

// Nothing of a request but the scheme and host of its URL decides where it goes.
func TestRequestsGoWhereTheirURLSays(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*http.Request)
		fails  bool
	}{
		"opaque":      {func(r *http.Request) { r.URL.Opaque = "//evil.test/x" }, true},
		"opaque, own": {func(r *http.Request) { r.URL.Opaque = "//api.test:90/x" }, true},
		"Host":        {func(r *http.Request) { r.Host = "evil.test" }, false},
		"header Host": {func(r *http.Request) { r.Header["Host"] = []string{"evil.test"} }, false},
		"header host": {func(r *http.Request) { r.Header["host"] = []string{"evil.test"}; r.Header["HOST"] = r.Header["host"] }, false},
		"user":        {func(r *http.Request) { r.URL.User = url.UserPassword("a", "b") }, false},
		"capitals":    {func(r *http.Request) { r.URL.Host = "API.test:90" }, false},
		"close":       {func(r *http.Request) { r.Close = true }, false},
	} {
		for how, send := range map[string]func(*client.Client, *http.Request) (*http.Response, error){
			"Do":         (*client.Client).Do,
			"HTTPClient": func(c *client.Client, r *http.Request) (*http.Response, error) { return c.HTTPClient().Do(r) },
			"Transport": func(c *client.Client, r *http.Request) (*http.Response, error) {
				return c.HTTPClient().Transport.RoundTrip(r)
			},
		} {
			var sent []*http.Request
			c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
				sent = append(sent, req)
				return answer(req, 200, ""), nil
			})
			req, _ := http.NewRequestWithContext(t.Context(), "GET", apiBase+"x", nil)
			tt.change(req)
			err := closed(send(c, req))
			var refused *client.RequestError
			if tt.fails {
				if !errors.As(err, &refused) || len(sent) > 0 {
					t.Errorf("%s, %s: %v, and sent %v", name, how, err, sent)
				}
				continue
			}
			if err != nil || len(sent) != 1 {
				t.Errorf("%s, %s: %v", name, how, err)
				continue
			}
			out := sent[0]
			if out.Host != "" && out.Host != out.URL.Host || !strings.EqualFold(out.URL.Host, "api.test:90") || out.URL.Opaque != "" {
				t.Errorf("%s, %s: sent to %s by %s", name, how, out.Host, out.URL)
			}
			for h := range out.Header {
				if strings.EqualFold(h, "Host") {
					t.Errorf("%s, %s: header %s", name, how, h)
				}
			}
		}
	}
}

// A Client that is closed says so in each way, whatever its store still has.
func TestTransportOfAClosedClient(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	_ = w.Close()
	var bodies tally
	req, _ := http.NewRequestWithContext(context.Background(), "POST", w.fake.BaseURL(), bodies.body("x"))
	if _, err := w.HTTPClient().Transport.RoundTrip(req); !errors.Is(err, token.ErrClosed) || bodies.open() != 0 {
		t.Errorf("%v", err)
	}
}
