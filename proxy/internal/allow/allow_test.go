package allow_test

import (
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/proxy/internal/allow"
)

func parse(t testing.TB, texts ...string) allow.List {
	t.Helper()
	list, problems := allow.Parse(texts)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return list
}

func TestList(t *testing.T) {
	list := parse(t, "/employees", "GET,PUT /api/v1/Akten/", "/M%C3%BCller", "/Größe/", "  DELETE   /x ")
	for asked, want := range map[string]bool{
		"GET /employees": true, "POST /employees": true, "GET /employee": false, "GET /employees/": false, "GET /employees/1": false, "GET /Employees": false, "GET /%65mployees": true,
		"GET /api/v1/Akten/": true, "GET /api/v1/Akten/1/2": true, "HEAD /api/v1/Akten/1": true, "PUT /api/v1/Akten/a%20b": true, "POST /api/v1/Akten/1": false, "GET /api/v1/Akten": false, "GET /api/v1/Aktenzeichen": false,
		"GET /Müller": true, "GET /M%c3%bcller": true, "GET /Gr%C3%B6%C3%9Fe/1": true, "DELETE /x": true, "GET /x": false, "GET /": false, "GET ": false,
	} {
		method, path, _ := strings.Cut(asked, " ")
		if why := list.Refusal(httptest.NewRequest(method, "/", nil), path); (why == "") != want {
			t.Errorf("%s: %q", asked, why)
		}
	}
	var all allow.List
	if why := all.Refusal(httptest.NewRequest("GET", "/", nil), "/../%2e%2e"); why != "" {
		t.Error(why)
	}
	for _, name := range []string{"X_http_method-Override", "X-Original-Url", "x_rewrite_url", "X-Rewrite-URL", "X-Override-URL"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header[name] = []string{"DELETE"}
		if why := list.Refusal(r, "/employees"); !strings.Contains(why, "another request") {
			t.Errorf("%s: %q", name, why)
		}
	}
}

// What servers read in more than one way is refused, whatever it may stand for.
func TestOddSpellings(t *testing.T) {
	list := parse(t, "/a/", "/")
	for _, path := range []string{
		"/a/\uff0e\uff0e/b", "/a/%EF%BC%8E%EF%BC%8E/b", "/a/b\uff0fc", "/a/\uff3cb", "/a/b\uff1bc", "/a/%ef%bc%852e", "/a/\u2025/b", "/a/\u2024\u2024/b", "/a/\ufe52\ufe52/b",
		"/a/../b", "/a/..", "/a/.", "/a/./b", "/a/%2e%2e/b", "/a/.%2E/b", "/a/%252e%252e/b", "/a/%25252e", "/a/..%2fb", "/a/%2Fb", `/a\..\b`, "/a/%5c..%5cb",
		"/a/..;/b", "/a/;x/../b", "/a/b;x=y", "/a//b", "//a/b", "/a/%00", "/a/%0a", "/a/%c0%ae%c0%ae/b", "/a/\xff", "/a/.../b", "/a/b.", "/a/b%20/c", "/a/ b", "/a/%zz", "/a/%u002e", "/a/%E2%80%AE", "/a/100%25",
	} {
		if why := list.Refusal(httptest.NewRequest("GET", "/", nil), path); why == "" {
			t.Errorf("%s is allowed", path)
		}
	}
}

// What gets through is below the pattern for a server that decodes as often as it likes, cleans
// the path, and takes a backslash for a slash.
func FuzzList(f *testing.F) {
	for _, path := range []string{"/a/b", "/a/../b", "/a/%2e%2e/b", "/a/%252e./x", `/a/..\b`, "/a/..;/b", "/A/b", "/a/b%20", "/a//b"} {
		f.Add(path)
	}
	list := parse(f, "/a/")
	f.Fuzz(func(t *testing.T, asked string) {
		if list.Refusal(httptest.NewRequest("GET", "/", nil), asked) != "" {
			return
		}
		for range 4 {
			if !strings.HasPrefix(path.Clean(strings.ReplaceAll(asked, `\`, "/"))+"/", "/a/") {
				t.Fatalf("%q is not below /a/", asked)
			}
			plain, err := url.PathUnescape(asked)
			if err != nil {
				return
			}
			asked = plain
		}
	})
}
