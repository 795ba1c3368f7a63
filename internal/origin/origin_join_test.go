package origin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/origin"
)

func TestJoinSlashes(t *testing.T) {
	for base, want := range map[string]string{
		"https://host":              "https://host/a/b",
		"https://host/":             "https://host/a/b",
		"https://host//":            "https://host/a/b",
		"https://host:90/api":       "https://host:90/api/a/b",
		"https://host:90/api/":      "https://host:90/api/a/b",
		"https://host:90/api///":    "https://host:90/api/a/b",
		"https://host/x%2Fy/":       "https://host/x%2Fy/a/b",
		"https://host/über uns/":    "https://host/%C3%BCber%20uns/a/b",
		"https://host//api/":        "https://host//api/a/b",
		"http://[fe80::1%25eth0]/x": "http://[fe80::1%25eth0]/x/a/b",
	} {
		for _, endpoint := range []string{"a/b", "/a/b", "//a/b", "////a/b"} {
			u, err := origin.Join(parse(t, base), endpoint)
			if err != nil || u.String() != want {
				t.Errorf("%s and %s: %v, %v; want %s", base, endpoint, u, err, want)
			}
		}
	}
}

// What goes into the request line, under https://host/api/.
func TestJoin(t *testing.T) {
	for endpoint, want := range map[string]string{
		"": "/api/", "/": "/api/", "//": "/api/", "a": "/api/a", "a/": "/api/a/", "a//b": "/api/a//b",
		"?a=b": "/api/?a=b", "/?a=b": "/api/?a=b", "a?b=c&d=e": "/api/a?b=c&d=e", "a?": "/api/a", "a?b?c": "/api/a?b?c",
		"a/?b": "/api/a/?b",

		// It never leaves the origin.
		"//evil/x": "/api/evil/x", "///evil": "/api/evil", `\\evil\x`: "/api/%5C%5Cevil%5Cx", `/\evil`: "/api/%5Cevil",
		"@evil": "/api/@evil", "u:p@evil/x": "/api/u:p@evil/x", ":90/x": "/api/:90/x", "http:evil": "/api/http:evil",
		"http:/evil": "/api/http:/evil", "javascript:x": "/api/javascript:x", "://evil": "/api/://evil", "1://evil": "/api/1://evil",
		" http://evil": "/api/%20http://evil", "a/http://evil": "/api/a/http://evil", "a?u=http://evil": "/api/a?u=http://evil",
		"%2f%2fevil": "/api/%2f%2fevil", ".evil": "/api/.evil",

		// Dots go to the server as they are.
		"..": "/api/..", "../x": "/api/../x", "/../../x": "/api/../../x", "a/./b/../c": "/api/a/./b/../c", "%2e%2e/x": "/api/%2e%2e/x",

		// Escapes stay as they are, and what needs one gets one.
		"a%2fb": "/api/a%2fb", "a%2Fb": "/api/a%2Fb", "a%2Fb c": "/api/a%2Fb%20c", "a%2Fü": "/api/a%2F%C3%BC", "a%20b c": "/api/a%20b%20c",
		"a b": "/api/a%20b", "Müller/Akten": "/api/M%C3%BCller/Akten", "🔑": "/api/%F0%9F%94%91", "a%25b": "/api/a%25b", "%C3%BC ü": "/api/%C3%BC%20%C3%BC",
		"a;b=c,d": "/api/a;b=c,d", "a:b": "/api/a:b", "a+b": "/api/a+b", "a&b=c": "/api/a&b=c", "~a-b_c.d!$'()*": "/api/~a-b_c.d!$'()*", "a[1]": "/api/a[1]",
		"a\"<>^`{|}": "/api/a%22%3C%3E%5E%60%7B%7C%7D", "\xff": "/api/%FF", "a%00b": "/api/a%00b", "a%0d%0ab": "/api/a%0d%0ab", "a%23b": "/api/a%23b", "a%3fb": "/api/a%3fb",
		"a\u00a0b": "/api/a%C2%A0b", "a\u2028b": "/api/a%E2%80%A8b",

		"a?q=x y": "/api/a?q=x%20y", "a?q=Müller": "/api/a?q=M%C3%BCller", "a?q=x%20y+z": "/api/a?q=x%20y+z", "a?q=a;b": "/api/a?q=a;b",
		"a?q=\"<>": "/api/a?q=%22%3C%3E", "a?q={\"a\":[1|2]}": "/api/a?q=%7B%22a%22:[1%7C2]%7D", "a?q=\xff": "/api/a?q=%FF",
		"a?q=100%25": "/api/a?q=100%25", "a?%6B%c3%BC=1": "/api/a?%6B%c3%BC=1", "a?/../b": "/api/a?/../b", "a? HTTP/1.1": "/api/a?%20HTTP/1.1",
	} {
		u, err := origin.Join(parse(t, "https://host/api/"), endpoint)
		if err != nil || u.RequestURI() != want || origin.Of(u) != "https://host" {
			t.Errorf("%q: %v, %v; want %s", endpoint, u, err, want)
		}
	}
}

func TestJoinRefuses(t *testing.T) {
	for endpoint, why := range map[string]string{
		"https://host/x": "URL", "http://evil": "URL", "HTTPS://evil/x?y": "URL", "ftp://x": "URL", "a+b-c.d1://x": "URL", "x://": "URL",
		"a#b": "fragment", "#": "fragment", "a?b#c": "fragment",
		"a\nb": "control", "a\r\nX: y": "control", "\x00": "control", "a\x7f": "control", "\t/a": "control", "a HTTP/1.1\r\n": "control",
		"100%": "escape in its path", "%zz": "escape in its path", "a%2": "escape", "%?a": "escape", "%-1": "escape", "%%41": "escape", "a%2?b=%41": "escape in its path",
		"a?q=100%": "escape in its query", "a?q=%zz": "escape in its query", "a?%4=q": "escape in its query", "a?q=%4": "escape", "a?%": "escape", "a?q=50%&r=1": "escape",
		"a?q=%%": "escape", "a?q=% 1": "escape", "a?q=%ü": "escape", "a?q=%4g": "escape",
		"a?q=x\r\ny": "control character in its query", "a?q=\x00": "control", "a?\tq=1": "control", "a?q=\x7f": "control", "a? HTTP/1.1\r\nX: y": "control",
	} {
		u, err := origin.Join(parse(t, "https://host/api/"), endpoint)
		if err == nil || u != nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, %v; want an error about: %s", endpoint, u, err, why)
		}
	}
}

func TestJoinLeavesTheBaseAlone(t *testing.T) {
	base := parse(t, "https://host/api/")
	before := *base
	if _, err := origin.Join(base, "a b?c d"); err != nil || *base != before {
		t.Errorf("%v: %v became %v", err, before, base)
	}
}

// Whatever an endpoint says, the result stays under the base and fits a request
// line, or it is an error.
func FuzzJoin(f *testing.F) {
	for _, endpoint := range []string{
		"", "/", "a/b?c=d", "//evil/x", `\\evil`, "@evil", "u:p@evil:1/", "http://evil", "HTTP:evil", ":", "://", "../..", "%2e%2e%2f", "%2f x",
		"a;b", "ü ß", "a b?c d", "?", "?a?b", "#", "a#b?c", "\r\nHost: evil", "?\r\n", "%0d%0a", "%", "%zz", "a?%zz", "\x00", "\xff%2F", "[::1]", "a\\b%2f{}",
	} {
		for _, base := range []string{"https://host:90/", "http://localhost/api/v1//", "https://host/x%2Fy/", "https://host//two", "https://[::1]:90/ü b"} {
			f.Add(base, endpoint)
		}
	}
	f.Fuzz(func(t *testing.T, raw, endpoint string) {
		base, err := origin.Parse(raw, true)
		if err != nil {
			t.Skip("no base: not the subject")
		}
		u, err := origin.Join(base, endpoint)
		if err != nil {
			return
		}
		if u.Scheme != base.Scheme || u.Host != base.Host || u.User != nil || u.Opaque != "" || u.Fragment != "" || !origin.Same(base, u) {
			t.Fatalf("%s and %q: left the origin: %#v", base, endpoint, u)
		}
		line := u.RequestURI()
		for i := range len(line) {
			if c := line[i]; c <= ' ' || c > '~' {
				t.Fatalf("%s and %q: byte %q in %q", base, endpoint, c, line)
			}
		}
		rest, under := strings.CutPrefix(u.EscapedPath(), strings.TrimRight(base.EscapedPath(), "/")+"/")
		if !under || strings.HasPrefix(rest, "/") {
			t.Fatalf("%s and %q: %s", base, endpoint, u.EscapedPath())
		}
		req, err := http.NewRequest("GET", u.String(), nil)
		if err != nil {
			t.Fatalf("%s and %q: no request can be made: %v", base, endpoint, err)
		}
		if !origin.Same(req.URL, u) || req.URL.RequestURI() != line {
			t.Fatalf("%s and %q: %s is read as %s%s", base, endpoint, u, req.URL.Host, req.URL.RequestURI())
		}
	})
}
