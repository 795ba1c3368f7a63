package origin_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/origin"
)

func TestParse(t *testing.T) {
	const (
		notURL   = "is not an absolute http or https URL"
		user     = "has a user name or password in it, which is not used: take it out"
		query    = "has a query or fragment, which does not belong there: take it out"
		port     = "has a port that is not from 1 to 65535"
		insecure = "would send secrets in the clear"
	)
	for raw, want := range map[string]string{
		"https://host": "", "https://host:90/": "", "https://host:/": "", "https://[::1]:": "", "HTTPS://host/a/b/": "", " https://host/\n": "", "https://[2001:db8::1]:90/": "",
		"http://localhost": "", "http://LOCALHOST:8080/": "", "http://127.0.0.1:1/": "", "http://127.255.0.3/": "", "http://[::1]/": "",
		"http://[::ffff:127.0.0.1]/": "",

		"http://host/": insecure, "http://10.0.0.1/": insecure, "http://0.0.0.0/": insecure, "http://[::]/": insecure,
		"http://127.0.0.1.example/": insecure, "http://localhost.example/": insecure, "http://example/localhost": insecure,
		"http://127.1/": insecure, "http://2130706433/": insecure, "http://128.0.0.1/": insecure, "HTTP://host/": insecure,

		"": notURL, "host": notURL, "host:90": notURL, "/path": notURL, "//host/": notURL, "ftp://host/": notURL, "file:///etc": notURL,
		"https:": notURL, "https://": notURL, "https:host": notURL, "https:///path": notURL, "https://:90/": notURL,
		"https://host:port/": notURL, "https://ho st/": notURL, "https://host/%zz": notURL, "https://host/\x00": notURL, "https://a\r\nb/": notURL,

		"https://host:65535/": "", "https://host:0/": port, "https://host:65536/": port, "http://localhost:99999999999999999999/": port, "https://[::1]:0": port,

		"https://u@host/": user, "https://u:secret-text@host/": user, "http://u:secret-text@localhost/": user, "https://@host/": user,
		"https://host/?secret-text": query, "https://host/?": query, "https://host/#secret-text": query, "https://host?a=b": query,
	} {
		for _, allowed := range []bool{false, true} {
			u, err := origin.Parse(raw, allowed)
			if errors.Is(err, origin.ErrInsecure) != (want == insecure && !allowed) {
				t.Errorf("%q: %v does not tell whether it is insecure", raw, err)
			}
			switch {
			case want == "" || want == insecure && allowed:
				if err != nil || u.Host == "" || strings.HasSuffix(u.Host, ":") || u.Scheme != strings.ToLower(u.Scheme) {
					t.Errorf("%q: %v, %v", raw, u, err)
				}
			case err == nil || u != nil || !strings.Contains(err.Error(), want):
				t.Errorf("%q: %v, want %q", raw, err, want)
			case strings.Contains(err.Error(), "secret-text"):
				t.Errorf("%q is repeated: %v", raw, err)
			}
		}
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.": false, "local": false, "0.0.0.0": false, "::": false, "::2": false, "10.0.0.1": false,
		"[::1]": false, "127.0.0.1:80": false, "127.0.0.1.nip.example": false,
	} {
		if got := origin.Loopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

// What a resolver may take for this machine is more than what we do.
func TestLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "localhost.": true, "LocalHost.": true, "api.localhost": true, "127.0.0.1": true, "127.0.0.1.": true,
		"127.1": true, "127.0.1": true, "0x7f.1": true, "0x7F000001": true, "2130706433": true, "0177.0.0.1": true, "017700000001": true,
		"::1": true, "::1%lo": true, "::ffff:127.0.0.1": true, "::ffff:7f00:1": true, "0:0:0:0:0:0:0:1": true,
		"": false, ".": false, "localhost..": false, "notlocalhost": false, "localhost.example": false, "128.1": false, "10.0.0.1": false,
		"127.example": false, "127.0.0.1.example": false, "0x7f": false, "127": false, "www2.advo-net.net": false, "::2": false, "fe80::1%lo": false,
	} {
		if got := origin.Local(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestSame(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"https://host/", "https://host/", true},
		{"https://host/a?b", "https://host/c#d", true},
		{"https://host", "https://host:443/", true},
		{"http://host:80", "http://host/", true},
		{"https://host:90/", "https://host:90/", true},
		{"https://HOST/", "https://host/", true},
		{"https://u:p@host/", "https://host/", true},
		{"https://[::1]:443/", "https://[::1]/", true},
		{"https://host:/", "https://host/", true},

		{"https://host/", "http://host/", false},
		{"https://host:80/", "http://host/", false},
		{"https://host/", "https://host:90/", false},
		{"https://host:90/", "https://host:91/", false},
		{"https://host:90/", "https://host:090/", false},
		{"http://host:443/", "https://host/", false},
		{"https://host/", "https://sub.host/", false},
		{"https://host/", "https://host.example/", false},
		{"https://host/", "https://host./", false},
		{"https://host/", "https://evil@other/", false},
		{"https://host/", "https://host@other/", false},
		{"https://host/", "/path", false},
		{"https://host/", "//host/", false},
	} {
		a, b := parse(t, test.a), parse(t, test.b)
		if origin.Same(a, b) != test.want || origin.Same(b, a) != test.want {
			t.Errorf("%s and %s: want %v", a, b, test.want)
		}
	}
	odd := parse(t, "https://host/")
	odd.Scheme, odd.Host = "HTTPS", "Host:443" // by hand
	if !origin.Same(odd, parse(t, "https://host/")) {
		t.Error("the case of a scheme matters")
	}
}

func TestOf(t *testing.T) {
	if got := origin.Of(parse(t, "https://u:p@host:90/path?q#f")); got != "https://host:90" {
		t.Error(got)
	}
}

func parse(t testing.TB, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
