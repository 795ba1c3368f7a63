package monitor_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/monitor"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	k := newKanzlei(t, "one", false, clienttest.Options{})
	m := newMonitor(t, monitor.Config{Every: -1}, k)
	if err := k.call(0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path string
		status       int
		kind, has    string
	}{
		{"GET", "/livez", 200, "text/plain; charset=utf-8", "ok\n"},
		{"GET", "/readyz", 200, "text/plain; charset=utf-8", "ready\n"},
		{"GET", "/readyz?verbose", 200, "text/plain; charset=utf-8", "[+] one: a token until "},
		{"GET", "/readyz?office=one", 200, "text/plain; charset=utf-8", "ready\n"},
		{"GET", "/readyz?office=two", 404, "text/plain; charset=utf-8", "verbose"},
		{"GET", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", ""},
		{"GET", "/debug/status", 200, "application/json", `"state": "fresh"`},
		{"GET", "/", 200, "text/html; charset=utf-8", "<!doctype html>"},
		{"GET", "", 404, "text/plain; charset=utf-8", "/readyz"},
		{"GET", "/index.html", 404, "text/plain; charset=utf-8", "/readyz"},
		{"GET", "/readyz/", 404, "text/plain; charset=utf-8", "/readyz"},
		{"GET", "/debug/pprof/", 404, "text/plain; charset=utf-8", "/readyz"},
		{"GET", "/favicon.ico", 404, "text/plain; charset=utf-8", "/readyz"},
		{"POST", "/readyz", 405, "text/plain; charset=utf-8", "GET and HEAD"},
		{"DELETE", "/", 405, "text/plain; charset=utf-8", "GET and HEAD"},
		{"OPTIONS", "/metrics", 405, "text/plain; charset=utf-8", "GET and HEAD"},
		{"POST", "/nowhere", 404, "text/plain; charset=utf-8", "/readyz"},
	} {
		r := httptest.NewRequest(c.method, "http://127.0.0.1/", nil)
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(c.path, "?")
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s %s: %d, %s, %.200q; want %d, %s, %q", c.method, c.path, w.Code, w.Header().Get("Content-Type"), w.Body, c.status, c.kind, c.has)
		}
		if (w.Header().Get("Allow") == "GET, HEAD") != (c.status == 405) {
			t.Errorf("%s %s: Allow is %q", c.method, c.path, w.Header().Get("Allow"))
		}
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Access-Control-Allow-Origin": "",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s %s: %s is %q; want %q", c.method, c.path, name, got, want)
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s %s: policy %q", c.method, c.path, policy)
		}
	}
}

// A probe with HEAD gets the status and the length, and no body.
func TestHead(t *testing.T) {
	t.Parallel()
	k := newKanzlei(t, "one", false, clienttest.Options{})
	server := serve(t, newMonitor(t, monitor.Config{Every: -1}, k).ServeHTTP)
	for path, want := range map[string]int{"livez": 200, "readyz": 503, "metrics": 200, "debug/status": 200, "": 200} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != want || len(body) > 0 {
			t.Errorf("HEAD %s: %d, %q, %v", path, resp.StatusCode, body, err)
		}
	}
}

// It serves below a prefix too, and its links lead there.
func TestPrefix(t *testing.T) {
	t.Parallel()
	k := newKanzlei(t, "one", false, clienttest.Options{})
	m := newMonitor(t, monitor.Config{Every: -1}, k)
	mux := http.NewServeMux()
	mux.Handle("/advoware/", http.StripPrefix("/advoware", m))
	mux.Handle("/readyz", m)
	if got := get(mux, "/advoware/livez"); got.Code != 200 {
		t.Errorf("below the prefix: %d", got.Code)
	}
	if got := get(mux, "/readyz"); got.Code != 503 {
		t.Errorf("beside it: %d", got.Code)
	}
	page := get(mux, "/advoware/").Body.String()
	if strings.Contains(page, `href="/`) || !strings.Contains(page, `href="debug/status"`) {
		t.Error("the links of the page do not lead below the prefix")
	}
}

// Nobody reads it by a page of their own: not by a name that leads here, not from elsewhere.
func TestPagesOfOthersAreNotServed(t *testing.T) {
	t.Parallel()
	k := newKanzlei(t, "one", false, clienttest.Options{})
	m := newMonitor(t, monitor.Config{Every: -1, Hosts: []string{"Monitor.example", "rooted.example.", "[2001:db8::1]", "fd00::2"}}, k)
	any := newMonitor(t, monitor.Config{Every: -1, Hosts: []string{"*"}}, k)
	for _, c := range []struct {
		header []string
		status int
		onAny  int
	}{
		{nil, 200, 200},
		{[]string{"Host", "10.1.2.3:9464"}, 200, 200}, // a probe of the pod
		{[]string{"Host", "[fd00::1]:9464"}, 200, 200},
		{[]string{"Host", "[::1]"}, 200, 200},
		{[]string{"Host", "LOCALHOST:9464"}, 200, 200},
		{[]string{"Host", "app.localhost"}, 200, 200},
		{[]string{"Host", "monitor.example"}, 200, 200},
		{[]string{"Host", "monitor.EXAMPLE.:9464"}, 200, 200},
		{[]string{"Host", "rooted.example:9464"}, 200, 200},
		{[]string{"Host", "evil.example"}, 421, 200},
		{[]string{"Host", "127.0.0.1.evil.example:9464"}, 421, 200},
		{[]string{"Host", "notlocalhost"}, 421, 200},
		{[]string{"Host", "x.monitor.example"}, 421, 200},
		{[]string{"Host", ""}, 200, 200}, // a check of HAProxy
		{[]string{"Host", "127.1"}, 421, 200},
		{[]string{"Origin", "http://evil.example"}, 403, 403},
		{[]string{"Origin", "null"}, 403, 403},
		{[]string{"Host", "", "Origin", "null"}, 403, 403},
		{[]string{"Origin", ""}, 403, 403},
		{[]string{"Origin", "http://127.0.0.1:1"}, 403, 403},
		{[]string{"Origin", "http://127.0.0.1:9464"}, 200, 200},
		{[]string{"Origin", "https://127.0.0.1:9464"}, 200, 200}, // TLS ends before us
		{[]string{"Sec-Fetch-Site", "cross-site"}, 403, 403},
		{[]string{"Sec-Fetch-Site", "same-site"}, 403, 403},
		{[]string{"Sec-Fetch-Site", "same-origin"}, 200, 200},
		{[]string{"Sec-Fetch-Site", "none"}, 200, 200},
		{[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, 200, 200}, // a link
		{[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403, 403},
		{[]string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"}, 403, 403},
	} {
		for _, path := range []string{"/livez", "/metrics", "/debug/status", "/"} {
			if got := get(m, path, c.header...).Code; got != c.status {
				t.Errorf("%s, %q: %d; want %d", path, c.header, got, c.status)
			}
			if got := get(any, path, c.header...).Code; got != c.onAny {
				t.Errorf("%s, %q, with any host: %d; want %d", path, c.header, got, c.onAny)
			}
		}
	}
}

func TestDebugStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one := newKanzlei(t, "one", true, clienttest.Options{InMemory: true})
		two := newKanzlei(t, hostile, false, clienttest.Options{InMemory: true})
		two.fake.Inject(clienttest.Fault{Refusal: clienttest.NotConnected, Times: -1})
		m := newMonitor(t, monitor.Config{Version: "v1.2.3", Every: -1}, one, two)
		_, _ = one.call(0), two.call(0)
		var got struct {
			Version  string
			Go       string
			Ready    bool
			Draining bool
			Offices  []struct {
				Name   string
				Ready  bool
				Why    string
				Status map[string]any
				Stats  map[string]any
			}
		}
		answer := get(m, "/debug/status")
		if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Version != "v1.2.3" || !strings.HasPrefix(got.Go, "go1") || !got.Ready || got.Draining || len(got.Offices) != 2 {
			t.Fatalf("got %+v", got)
		}
		for i, want := range []struct {
			name, state string
			calls       float64
			ready       bool
		}{{"one", "fresh", 1, true}, {hostile, "failed", 1, false}} {
			o := got.Offices[i]
			if o.Name != want.name || o.Status["state"] != want.state || o.Stats["calls"] != want.calls || o.Ready != want.ready || o.Why == "" {
				t.Errorf("got %+v; want %+v", o, want)
			}
		}
	})
}

func TestConfigNamesEveryProblem(t *testing.T) {
	t.Parallel()
	k := newKanzlei(t, "one", false, clienttest.Options{})
	same := k.Office
	same.Name = "two"
	for _, c := range []struct {
		cfg  monitor.Config
		want []string
	}{
		{monitor.Config{}, []string{"Offices has none"}},
		{monitor.Config{Offices: []monitor.Office{{}, k.Office, k.Office, same, {Name: "a\nb", Client: k.Client}, {Name: strings.Repeat("ü", 101), Client: k.Client}, {Name: "\xff", Client: k.Client}},
			Hosts: []string{"", "http://x", "x:80", "."}}, []string{
			"Offices[0].Name is required", "Offices[0].Client is required", `Offices[2].Name is "one", as another one's`, `Offices[2].History is that of "one"`,
			`Offices[3].History is that of "one"`, "Offices[4].Name must be", "Offices[5].Name has 202 bytes", "Offices[6].Name must be", "Hosts[0]", "Hosts[1]", "Hosts[2]", "Hosts[3]",
		}},
	} {
		_, err := monitor.New(c.cfg)
		if err == nil {
			t.Fatal("no error")
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), "monitor: "+want) {
				t.Errorf("%v\ndoes not say %q", err, want)
			}
		}
	}
}
