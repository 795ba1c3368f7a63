package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

const apiBase = "https://api.test:90/"

// traffic answers requests to apiBase with a redirect, once, and keeps what went
// where: "URL Authorization".
type traffic struct {
	mu       sync.Mutex
	location string
	sent     []string
}

func (n *traffic) RoundTrip(req *http.Request) (*http.Response, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	sent := req.URL.String()
	for name, values := range req.Header {
		if strings.EqualFold(name, "Authorization") {
			sent += " " + strings.Join(values, ",")
		}
	}
	n.sent = append(n.sent, sent)
	if len(n.sent) == 1 && n.location != "" {
		return answer(req, http.StatusTemporaryRedirect, "", "Location: "+n.location), nil
	}
	return answer(req, 200, "{}"), nil
}

// elsewhere is what is not the origin of apiBase, and how it is named.
var elsewhere = map[string]struct{ location, target string }{
	"other host":    {"https://evil.test:90/x?q=1", "https://evil.test:90"},
	"other port":    {"https://api.test:91/x", "https://api.test:91"},
	"no port":       {"https://api.test/x", "https://api.test"},
	"subdomain":     {"https://www.api.test:90/x", "https://www.api.test:90"},
	"longer name":   {"https://api.test.evil.test:90/x", "https://api.test.evil.test:90"},
	"plain":         {"http://api.test:90/x", "http://api.test:90"},
	"no scheme":     {"//evil.test:90/x", "https://evil.test:90"},
	"as user":       {"https://api.test:90@evil.test/x", "https://evil.test"},
	"with password": {"https://user:swordfish@evil.test/x", "https://evil.test"},
}

func TestRedirectElsewhereIsRefused(t *testing.T) {
	for name, tt := range elsewhere {
		t.Run(name, func(t *testing.T) {
			for how, do := range map[string]func(*client.Client) error{
				"Call": func(c *client.Client) error {
					_, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a?q=1", Body: 1})
					return err
				},
				"Do": func(c *client.Client) error {
					req, _ := http.NewRequest("GET", apiBase+"a", nil)
					_, err := c.Do(req)
					return err
				},
				"HTTPClient": func(c *client.Client) error {
					_, err := c.HTTPClient().Get(apiBase + "a")
					return err
				},
			} {
				net := &traffic{location: tt.location}
				err := do(stubbed(t, apiBase, net.RoundTrip))
				var oe *client.OriginError
				if !errors.As(err, &oe) || oe.Target != tt.target || oe.Origin != "https://api.test:90" || !oe.Redirect {
					t.Errorf("%s: got %v", how, err)
				} else if !strings.Contains(err.Error(), tt.target) || strings.Contains(oe.Error(), "swordfish") || !oneLine(err) {
					t.Errorf("%s: message %q", how, err)
				}
				if len(net.sent) != 1 {
					t.Errorf("%s: sent %q", how, net.sent)
				}
			}
		})
	}
}

func TestHTTPSToBeFoundAtHTTPIsElsewhere(t *testing.T) {
	net := &traffic{location: "https://api.test:90/x"}
	_, err := stubbed(t, "http://api.test:90/", roundTrip(func(req *http.Request) (*http.Response, error) { return net.RoundTrip(req) })).
		Call(t.Context(), client.Request{})
	var oe *client.OriginError
	if !errors.As(err, &oe) || len(net.sent) != 1 {
		t.Errorf("got %v, sent %q", err, net.sent)
	}
}

// What Do is given must belong to the origin from the start; an HTTPClient goes
// anywhere, but not with the token.
func TestRequestElsewhere(t *testing.T) {
	for name, tt := range elsewhere {
		if name == "no scheme" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			net := new(traffic)
			c := stubbed(t, apiBase, net.RoundTrip)
			request := func() *http.Request {
				req, err := http.NewRequest("GET", tt.location, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header = spellings.Clone()
				return req
			}
			_, err := c.Do(request())
			var oe *client.OriginError
			if !errors.As(err, &oe) || oe.Target != tt.target || oe.Redirect || len(net.sent) != 0 {
				t.Errorf("Do: got %v, sent %q", err, net.sent)
			}
			req := request()
			resp, err := c.HTTPClient().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if diff := cmp.Diff([]string{req.URL.String()}, net.sent); diff != "" {
				t.Errorf("HTTPClient: %s", diff)
			}
			if diff := cmp.Diff(spellings, req.Header); diff != "" {
				t.Errorf("the caller's header was changed: %s", diff)
			}
			if s := c.Stats(); s.Calls != 0 || s.TokenFetches != 0 {
				t.Errorf("counted: %+v", s)
			}
		})
	}
	if _, err := stubbed(t, apiBase, new(traffic).RoundTrip).Do(&http.Request{}); err == nil {
		t.Error("a request without a URL: no error")
	}
}

// spellings are an Authorization of the caller's own.
var spellings = http.Header{"Authorization": {"Basic a"}, "authorization": {"Basic b"}, "AUTHORIZATION": {"Basic c"}}

// At home the token takes the place of whatever the caller has there.
func TestOwnAuthorization(t *testing.T) {
	net := new(traffic)
	c := stubbed(t, apiBase, net.RoundTrip)
	req, _ := http.NewRequest("GET", apiBase+"a", nil)
	req.Header = spellings.Clone()
	if _, err := c.Do(req); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Call(t.Context(), client.Request{Endpoint: "a", Header: spellings}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{apiBase + "a Bearer tok-1", apiBase + "a Bearer tok-1"}, net.sent); diff != "" {
		t.Error(diff)
	}
}

// Whatever an endpoint looks like, it is a path under the base, or refused.
func TestEndpointsStayAtHome(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://evil.test/x":      "",
		"HTTPS://api.test:90/x":    "",
		"//evil.test/x":            apiBase + "evil.test/x",
		"///evil.test/x":           apiBase + "evil.test/x",
		`\\evil.test\x`:            apiBase + "%5C%5Cevil.test%5Cx",
		"http:evil.test":           apiBase + "http:evil.test",
		"@evil.test/x":             apiBase + "@evil.test/x",
		"//user:pw@evil.test/x":    apiBase + "user:pw@evil.test/x",
		":91/x":                    apiBase + ":91/x",
		".evil.test/x":             apiBase + ".evil.test/x",
		"/x?u=https://evil.test/y": apiBase + "x?u=https://evil.test/y",
	} {
		net := new(traffic)
		_, err := stubbed(t, apiBase, net.RoundTrip).Call(t.Context(), client.Request{Endpoint: endpoint})
		var refused *client.RequestError
		switch {
		case want == "" && (!errors.As(err, &refused) || len(net.sent) != 0):
			t.Errorf("%s: %v, sent %q", endpoint, err, net.sent)
		case want != "" && (err != nil || net.sent[0] != want+" Bearer tok-1"):
			t.Errorf("%s: %v, sent %q", endpoint, err, net.sent)
		}
	}
}

func TestRedirectsWithinTheOrigin(t *testing.T) {
	for _, location := range []string{"/x", "x", "//api.test:90/x", "HTTPS://API.test:90/x", "https://user:pw@api.test:90/x"} {
		net := &traffic{location: location}
		if _, err := stubbed(t, apiBase, net.RoundTrip).Call(t.Context(), client.Request{}); err != nil {
			t.Errorf("%s: %v", location, err)
		} else if len(net.sent) != 2 || !strings.HasSuffix(net.sent[1], "/x Bearer tok-1") {
			t.Errorf("%s: sent %q", location, net.sent)
		}
	}
	for hops, follows := range map[int]bool{10: true, 11: false} {
		n := 0
		c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
			if n++; n > hops {
				return answer(req, 200, ""), nil
			}
			return answer(req, 302, "", fmt.Sprintf("Location: /%d?q=secret", n)), nil
		})
		_, err := c.Call(t.Context(), client.Request{})
		if (err == nil) != follows {
			t.Errorf("%d redirects: %v", hops, err)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || !oneLine(err)) {
			t.Errorf("message %q", err)
		}
	}
}

// A bare Transport cannot refuse: its http.Client follows, without the token.
func TestBareTransportRedirectedElsewhere(t *testing.T) {
	for name, tt := range elsewhere {
		t.Run(name, func(t *testing.T) {
			net := &traffic{location: tt.location}
			h := &http.Client{Transport: &client.Transport{Source: newSource(t, "tok-1"), Origin: parse(t, apiBase), Base: net, Logger: new(logs).logger()}}
			req, _ := http.NewRequest("GET", apiBase+"a", nil)
			req.Header.Set("Authorization", "Basic mine")
			resp, err := h.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if len(net.sent) != 2 || net.sent[0] != apiBase+"a Bearer tok-1" || strings.Contains(net.sent[1], " ") {
				t.Errorf("sent %q", net.sent)
			}
		})
	}
}

// The same over real sockets: another port of this host never hears a word.
func TestRedirectToAnotherPort(t *testing.T) {
	var hits atomic.Int32
	foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer foreign.Close()
	w := start(t, setup{tcp: true})
	w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: foreign.URL + "/x", Times: -1})
	err := w.get(t.Context(), "/employees")
	var oe *client.OriginError
	if !errors.As(err, &oe) || oe.Target != foreign.URL {
		t.Errorf("got %v", err)
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d requests arrived elsewhere", n)
	}
}

// The redirect of another server is not followed, also if it would lead to a path of the API, whose
// address was discovered.
func TestRedirectOfAnotherServer(t *testing.T) {
	o, a := startOffices(t), startAPI(t, nil)
	o.names.Store(a.URL)
	c := moving(t, o, true)
	if _, err := c.Call(t.Context(), client.Request{Endpoint: "/a"}); err != nil { // now it is known
		t.Fatal(err)
	}
	a.took(t, "GET /a")
	other := httptest.NewServer(http.RedirectHandler("/b", http.StatusFound))
	defer other.Close()
	_, err := c.HTTPClient().Get(other.URL)
	var left *client.OriginError
	if !errors.As(err, &left) || !left.Redirect || left.Target != other.URL {
		t.Errorf("got %v", err)
	}
	a.took(t)
}
