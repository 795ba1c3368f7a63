package proxy_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/proxy"
)

// Links within the origin lead to the proxy, and are not followed by it.
func TestRedirectsWithinTheOrigin(t *testing.T) {
	calls := 0
	var base string
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.Header().Set("Location", strings.ReplaceAll(r.Header.Get("X-To"), "BASE", base))
		w.Header().Set("Content-Location", strings.ReplaceAll(r.Header.Get("X-To"), "BASE", base))
		w.WriteHeader(map[string]int{"GET": 302, "POST": 201, "PUT": 307}[r.Method])
	}), options{config: func(c *advoware.Config) { base = strings.TrimSuffix(c.BaseURL, "/"); c.BaseURL += "api/" }})
	for to, want := range map[string]string{
		"BASE/api/b": "/b", "/api/b": "/b", "b": "/a/b", "../c": "/c", "?d": "/a/x?d", "BASE/api/b?c=%2F&d;e#f%20g": "/b?c=%2F&d;e#f%20g",
		"/api": "/", "/api/": "/", "/api/%2F%C3%BC/..;x": "/%2F%C3%BC/..;x", "BASE/api//evil.example/x": "/.//evil.example/x",
	} {
		for method, status := range map[string]int{"GET": 302, "POST": 201, "PUT": 307} {
			got := r.do(t, method, "/a/x", "", "X-To", to)
			if got.StatusCode != status || got.Header.Get("Location") != want || got.Header.Get("Content-Location") != want {
				t.Errorf("%s %s: %s, %q and %q, want %q", method, to, got.Status, got.Header.Get("Location"), got.Header.Get("Content-Location"), want)
			}
		}
		if got := r.do(t, "GET", "/advoware/proxy?endpoint=/a/x", "", "X-To", to); got.Header.Get("Location") != want {
			t.Errorf("%s: %q", to, got.Header.Get("Location"))
		}
	}
	if want := 4 * 10; calls != want {
		t.Errorf("%d requests reached the office, want %d", calls, want)
	}
}

// A redirect that leaves the origin, or what of it is served, is refused with the name of the
// target and nothing else of it.
func TestRedirectsElsewhere(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.Header.Get("X-To"))
		status := 302
		if r.URL.Query().Has("created") {
			status = 201
		}
		w.WriteHeader(status)
	}), options{config: func(c *advoware.Config) { c.BaseURL += "api/" }})
	for to, says := range map[string]string{
		"https://evil.example/x?secret": "https://evil.example", "//evil.example": "http://evil.example", "http://127.0.0.1:1/api/b": "http://127.0.0.1:1",
		"http://[::1": "no URL", "/other": "outside", "/api/%2e%2e/other": "outside", "/api/.%2E/.%2e/x": "outside", "/apiary": "outside", "ftp://x/": "ftp://x", "javascript:alert(1)": "another server",
	} {
		for method, outcome := range map[string]string{"GET": "", "POST": "maybe_done"} {
			got := r.do(t, method, "/a", "", "X-To", to).wantProblem(t, 502, proxy.Redirect)
			if !strings.Contains(got.Message, says) || strings.Contains(got.Message, "secret") || got.Outcome != outcome {
				t.Errorf("%s %s: %+v", method, to, got)
			}
		}
		if got := r.do(t, "POST", "/a?created", "", "X-To", to); got.StatusCode != 201 || got.Header.Get("Location") != to { // a link, and no redirect
			t.Errorf("%s: %s %q", to, got.Status, got.Header.Get("Location"))
		}
	}
	if got := r.do(t, "GET", "/a", ""); got.StatusCode != 302 {
		t.Errorf("a redirect to nowhere: %s", got.Status)
	}
}

// Of several links one is left, so that no client can take another one.
func TestSeveralLocations(t *testing.T) {
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = r.Header["X-To"]
		w.WriteHeader(302)
	}), options{})
	r.do(t, "GET", "/a", "", "X-To", "", "X-To", "http://evil.example/").wantProblem(t, 502, proxy.Redirect)
	r.do(t, "GET", "/a", "", "X-To", "http://evil.example/", "X-To", "/b").wantProblem(t, 502, proxy.Redirect)
	if got := r.do(t, "GET", "/a", "", "X-To", "", "X-To", "/b", "X-To", "http://evil.example/").Header["Location"]; !slices.Equal(got, []string{"/b"}) {
		t.Errorf("%q", got)
	}
}
