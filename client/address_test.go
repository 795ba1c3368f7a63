package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
)

const discoveryBase = "https://www2.advo-net.net:90/"

// offices is the vendor's service, and the servers that it names.
type offices struct {
	asked atomic.Int64
	names atomic.Value // the URL of the API that it names, "" for no answer
	url   string
}

func startOffices(t testing.TB) *offices {
	o := new(offices)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		o.asked.Add(1)
		if name := o.names.Load().(string); name != "" {
			fmt.Fprintf(w, `{"connectorUrl":%q}`, name)
		} else {
			w.WriteHeader(500)
		}
	}))
	t.Cleanup(srv.Close)
	o.url = srv.URL + "/Url"
	o.names.Store("")
	return o
}

// api is a server that notes what it gets.
type api struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string // method, path, body
	bad  []string // headers of requests without the token
}

func startAPI(t testing.TB, handler http.HandlerFunc) *api {
	a := new(api)
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a.mu.Lock()
		a.seen = append(a.seen, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
		if r.Header.Get("Authorization") != "Bearer tok-1" || r.Host != r.Context().Value(http.LocalAddrContextKey).(net.Addr).String() {
			a.bad = append(a.bad, fmt.Sprint(r.Host, r.Header))
		}
		a.mu.Unlock()
		if handler != nil {
			handler(w, r)
			return
		}
		fmt.Fprint(w, `{}`)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *api) took(t testing.TB, want ...string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if strings.Join(a.seen, "; ") != strings.Join(want, "; ") || len(a.bad) > 0 {
		t.Errorf("got %q, %q; want %q", a.seen, a.bad, want)
	}
	a.seen = nil
}

// moving returns a client of an office whose address is discovered.
func moving(t testing.TB, o *offices, required bool) *client.Client {
	t.Helper()
	finder, err := discovery.New(discovery.Config{
		URL: o.url, Kanzlei: "kanzlei", BaseURL: discoveryBase, TokenURL: "https://security.advo-net.net/api/v1/Token",
		Required: required, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{Discovery: finder, Source: newSource(t, "tok-1"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRequestsGoToTheDiscoveredAddress(t *testing.T) {
	o, a := startOffices(t), startAPI(t, nil)
	o.names.Store(a.URL)
	c := moving(t, o, true)
	if _, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a?x=1", Body: map[string]int{"n": 1}}); err != nil {
		t.Fatal(err)
	}
	a.took(t, `POST /a?x=1 {"n":1}`)
	base, err := c.BaseURL(t.Context())
	if err != nil || base.String() != a.URL+"/" {
		t.Fatal(base, err)
	}
	base.Host = "evil.example" // is a copy
	for _, target := range []string{discoveryBase, "HTTPS://WWW2.advo-net.net:90/", a.URL + "/"} {
		for name, do := range map[string]func(*http.Request) (*http.Response, error){"Do": c.Do, "HTTPClient": c.HTTPClient().Do, "RoundTrip": c.HTTPClient().Transport.RoundTrip} {
			req, err := http.NewRequestWithContext(t.Context(), "PUT", target+"b%2Fc?y=2", strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			req.Host = "evil.example"
			resp, err := do(req)
			if err != nil {
				t.Fatal(name, err)
			}
			resp.Body.Close()
			if resp.StatusCode != 200 || !strings.HasPrefix(req.URL.String(), strings.ToLower(target[:5])) || req.URL.Host == "" || req.Host != "evil.example" || len(req.Header) != 0 {
				t.Errorf("%s, %s: %v %v", name, target, resp.Status, req)
			}
			a.took(t, "PUT /b%2Fc?y=2 body")
		}
	}
	if n := o.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestDiscoveredAddressIsTheOnlyOneThatGetsTheToken(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		elsewhere.Add(1)
		if r.Header.Get("Authorization") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("another server gets %v", r.Header)
		}
	}))
	t.Cleanup(other.Close)
	o := startOffices(t)
	var target string
	a := startAPI(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			fmt.Fprint(w, `{}`)
			return
		}
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	o.names.Store(a.URL)
	c := moving(t, o, true)

	for _, target = range []string{"/end", "end", a.URL + "/end"} {
		if _, err := c.Call(t.Context(), client.Request{Endpoint: "/begin"}); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		a.took(t, "GET /begin", "GET /end")
		resp, err := c.HTTPClient().Get(discoveryBase + "begin")
		if err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		resp.Body.Close()
		a.took(t, "GET /begin", "GET /end")
	}
	for _, target = range []string{other.URL + "/end", "https://www2.advo-net.net:90/end", "//www2.advo-net.net:90/end", "http://localhost:1/end"} {
		_, err := c.Call(t.Context(), client.Request{Endpoint: "/begin"})
		var left *client.OriginError
		if !errors.As(err, &left) || !left.Redirect || left.Origin != a.URL {
			t.Errorf("%s: %v", target, err)
		}
		a.took(t, "GET /begin")
	}
	if _, err := c.HTTPClient().Get(other.URL); err != nil || elsewhere.Load() != 1 {
		t.Error(err)
	}
	var left *client.OriginError
	if _, err := c.Do(must(http.NewRequest("GET", other.URL, nil))); !errors.As(err, &left) || left.Origin != a.URL {
		t.Error(err)
	}
}

func TestOfficeThatMovesLosesNoCallThatWasNotSent(t *testing.T) {
	for name, send := range map[string]func(context.Context, *client.Client) error{
		"Call": func(ctx context.Context, c *client.Client) error {
			_, err := c.Call(ctx, client.Request{Method: "POST", Endpoint: "/a", Body: "b"})
			return err
		},
		"Do, body with GetBody": func(ctx context.Context, c *client.Client) error {
			return ended(c.Do(must(http.NewRequestWithContext(ctx, "POST", discoveryBase+"a", strings.NewReader(`"b"`)))))
		},
		"Do, body without": func(ctx context.Context, c *client.Client) error {
			return ended(c.Do(must(http.NewRequestWithContext(ctx, "POST", discoveryBase+"a", io.MultiReader(strings.NewReader(`"b"`))))))
		},
		"HTTPClient": func(ctx context.Context, c *client.Client) error {
			return ended(c.HTTPClient().Post(discoveryBase+"a", "", strings.NewReader(`"b"`)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, before, after := startOffices(t), startAPI(t, nil), startAPI(t, nil)
			o.names.Store(before.URL)
			c := moving(t, o, false)
			if err := send(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			before.took(t, `POST /a "b"`)
			before.Close()
			c.HTTPClient().CloseIdleConnections() // one whose end is not noticed yet would take the request
			o.names.Store(after.URL)
			if err := send(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			after.took(t, `POST /a "b"`)
			if base, err := c.BaseURL(t.Context()); err != nil || base.String() != after.URL+"/" {
				t.Error(base, err)
			}
			if err := send(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			before.took(t)
			if n := o.asked.Load(); n != 2 {
				t.Errorf("asked %d times", n)
			}
			req := must(http.NewRequest("GET", before.URL+"/x", nil)) // who had kept the old address
			if _, err := c.Do(req); !errors.As(err, new(*client.OriginError)) {
				t.Error(err)
			}
		})
	}
}

// Nothing listens, the name is not known, TLS fails: none of these has seen the request.
func TestAddressThatCannotBeReachedIsLeft(t *testing.T) {
	foreign := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }))
	foreign.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(foreign.Close)
	plain := startAPI(t, nil)
	silent := must(net.Listen("tcp", "127.0.0.1:0")) // takes connections, and ends them
	t.Cleanup(func() { silent.Close() })
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	for name, before := range map[string]string{
		"refused": "https://127.0.0.1:1/", "no such host": "https://connector.invalid:88/", "certificate": foreign.URL,
		"no TLS": "https" + strings.TrimPrefix(plain.URL, "http"), "broken": "https://" + silent.Addr().String(),
	} {
		t.Run(name, func(t *testing.T) {
			o, after := startOffices(t), startAPI(t, nil)
			o.names.Store(before)
			c := moving(t, o, false)
			if _, err := c.BaseURL(t.Context()); err != nil {
				t.Fatal(err)
			}
			o.names.Store(after.URL)
			if _, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a", Body: 1}); err != nil {
				t.Fatal(err)
			}
			after.took(t, "POST /a 1")
		})
	}
}

func TestCallThatMayHaveBeenSentIsNotSentAgain(t *testing.T) {
	o, after := startOffices(t), startAPI(t, nil)
	var calls atomic.Int64
	before := startAPI(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	})
	o.names.Store(before.URL)
	c := moving(t, o, false)
	if _, err := c.BaseURL(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.names.Store(after.URL)
	_, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a"})
	if err == nil || errors.Is(err, client.ErrNotSent) || !strings.Contains(err.Error(), before.URL) {
		t.Errorf("%v does not name %s", err, before.URL)
	}
	if calls.Load() != 1 {
		t.Errorf("sent %d times", calls.Load())
	}
	after.took(t)
	for {
		base, err := c.BaseURL(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if base.String() == after.URL+"/" { // the next ones are right
			break
		}
		runtime.Gosched()
	}
	if _, err := c.Call(t.Context(), client.Request{Endpoint: "/b"}); err != nil {
		t.Error(err)
	}
	after.took(t, "GET /b")
}

func TestOfficeThatIsDownAndHasNotMoved(t *testing.T) {
	o, a := startOffices(t), startAPI(t, nil)
	o.names.Store(a.URL)
	c := moving(t, o, false)
	if _, err := c.BaseURL(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.Close()
	for range 20 {
		_, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a"})
		if !errors.Is(err, client.ErrNotSent) || !strings.Contains(err.Error(), a.URL) {
			t.Errorf("%v", err)
		}
		_, err = c.HTTPClient().Get(discoveryBase)
		if ue, ok := errors.AsType[*url.Error](err); !ok || ue.Timeout() || !errors.Is(err, client.ErrNotSent) {
			t.Errorf("%v", err)
		}
	}
	if n := o.asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

func TestNoAddress(t *testing.T) {
	o := startOffices(t)
	c := moving(t, o, true)
	_, err := c.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/a"})
	if !errors.Is(err, discovery.ErrNoAddress) || !errors.Is(err, client.ErrNotSent) || !strings.Contains(err.Error(), "ADVOWARE_DISCOVERY") {
		t.Error(err)
	}
	if _, err := c.BaseURL(t.Context()); !errors.Is(err, discovery.ErrNoAddress) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.BaseURL(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, discovery.ErrNoAddress) {
		t.Error(err)
	}
}

func ended(resp *http.Response, err error) error {
	if err == nil {
		resp.Body.Close()
	}
	return err
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A request whose body is not to be had again, although it said so, is not sent to the new address
// without it.
func TestOfficeThatMovesGetsNoRequestWithoutItsBody(t *testing.T) {
	o, before, after := startOffices(t), startAPI(t, nil), startAPI(t, nil)
	o.names.Store(before.URL)
	c := moving(t, o, false)
	if _, err := c.BaseURL(t.Context()); err != nil {
		t.Fatal(err)
	}
	before.Close()
	o.names.Store(after.URL)
	req := must(http.NewRequestWithContext(t.Context(), "POST", discoveryBase+"a", strings.NewReader("b")))
	req.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("gone") }
	if _, err := c.Do(req); !errors.Is(err, client.ErrNotSent) {
		t.Errorf("got %v", err)
	}
	after.took(t)
}
