package proxy_test

import (
	"bufio"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/proxy"
)

var ok = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })

// A page that leads a name of its own here (DNS rebinding) is not served.
func TestHost(t *testing.T) {
	r := start(t, ok, options{proxy: func(c *proxy.Config) { c.Hosts = []string{"Proxy.Example", "10.1.2.3"} }})
	for _, host := range []string{"localhost", "LOCALHOST:8064", "127.0.0.1", "127.0.0.1:1", "[::1]:80", "proxy.example", "PROXY.example:443", "proxy.example.", "10.1.2.3:80", "127.9.9.9"} {
		if got := r.do(t, "GET", "/x", "", "Host", host); got.StatusCode != 200 {
			t.Errorf("%s: %s", host, got.Status)
		}
	}
	for _, host := range []string{"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "user@localhost", "10.1.2.4", "[::2]", "0.0.0.0", "localhost:evil", "xproxy.example", "127.1", "2130706433"} {
		got := r.do(t, "GET", "/x", "", "Host", host)
		if got.StatusCode == 400 { // net/http refuses some itself
			continue
		}
		if problem := got.wantProblem(t, 421, proxy.WrongHost); problem.Outcome != "not_sent" {
			t.Errorf("%+v", problem)
		}
	}
	// HTTP/1.0 without a Host, and a request line that names another one.
	for _, text := range []string{"GET /x HTTP/1.0\r\n\r\n", "GET http://evil.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		if resp, err := http.ReadResponse(bufio.NewReader(r.raw(t, text)), nil); err != nil || resp.StatusCode != 421 {
			t.Errorf("%q: %v, %v", text, resp, err)
		}
	}
	if n := r.fake.Counts().TokenRequests; n > 1 {
		t.Errorf("%d token requests", n)
	}
}

// What a browser says of a request by a page.
func TestOrigin(t *testing.T) {
	r := start(t, ok, options{})
	own := strings.TrimPrefix(r.url, "http://")
	for _, header := range [][]string{{"Origin", "http://" + own}, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "same-origin"}, {"Referer", "http://evil.example/"}} {
		if got := r.do(t, "GET", "/x", "", header...); got.StatusCode != 200 {
			t.Errorf("%q: %s", header, got.Status)
		}
	}
	for _, header := range [][]string{
		{"Origin", "http://evil.example"}, {"Origin", "null"}, {"Origin", ""}, {"Origin", "http://localhost"}, {"Origin", "file://" + own}, {"Origin", "http://" + own, "Origin", "http://evil.example"},
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "other"},
		{"Origin", "http://evil.example", "Access-Control-Request-Method", "POST"},
	} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			got := r.do(t, method, "/x", "", header...)
			got.wantProblem(t, 403, proxy.ForeignOrigin)
			for name := range got.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s is sent", name)
				}
			}
		}
	}
}

// TRACE would show the token, CONNECT leads elsewhere, and other protocols are not passed on;
// an offer of HTTP/2, which Java makes with each first request, may be ignored.
func TestMethodsAndProtocolsThatAreNotPassedOn(t *testing.T) {
	r, requests := seen(t, options{})
	if got := r.do(t, "TRACE", "/x", ""); got.wantProblem(t, 405, proxy.MethodRefused).Outcome != "not_sent" || got.Header.Get("Allow") == "" {
		t.Errorf("%v", got.Header)
	}
	for _, text := range []string{"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n"} {
		if resp, err := http.ReadResponse(bufio.NewReader(r.raw(t, text)), nil); err != nil || resp.StatusCode != 405 {
			t.Errorf("%q: %v, %v", text, resp, err)
		}
	}
	r.do(t, "GET", "/x", "", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13").wantProblem(t, 501, proxy.NoUpgrade)
	if got := r.do(t, "GET", "/x", "", "Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "HTTP2-Settings", "AAMAAABkAAQAAP__"); got.StatusCode != 200 {
		t.Errorf("h2c: %s %s", got.Status, got.body)
	}
	up := <-requests
	if up.Header["Upgrade"] != nil || up.Header["Connection"] != nil || up.Header["Http2-Settings"] != nil {
		t.Errorf("%v goes up", up.Header)
	}
	if resp, err := http.ReadResponse(bufio.NewReader(r.raw(t, "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n")), nil); err != nil || resp.StatusCode != 400 {
		t.Errorf("*: %v, %v", resp, err)
	}
}

// Reading only: nothing else goes up, nor asks for a token.
func TestReadOnly(t *testing.T) {
	r, requests := seen(t, options{config: func(c *advoware.Config) { c.ReadOnly = true }})
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "get", "PROPFIND"} {
		got := r.do(t, method, "/x", "body")
		if p := got.wantProblem(t, 405, proxy.ReadOnly); p.Outcome != "not_sent" || got.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
			t.Errorf("%s: %+v, %v", method, p, got.Header)
		}
	}
	r.do(t, "GET", "/x", "", "X-HTTP-Method-Override", "DELETE").wantProblem(t, 405, proxy.ReadOnly)
	if len(requests) > 0 || r.fake.Counts().TokenRequests > 0 {
		t.Error("something was sent")
	}
	if got := r.do(t, "GET", "/x", ""); got.StatusCode != 200 {
		t.Error(got.Status)
	}
}

// Paths that are not on the list do not get through by another spelling.
func TestAllow(t *testing.T) {
	r, requests := seen(t, options{proxy: func(c *proxy.Config) { c.Allow = []string{"GET /employees", "/api/v1/Akten/"} }})
	for _, path := range []string{"/employees", "/employees?x=/../y", "/api/v1/Akten/1", "/advoware/proxy?endpoint=/employees&a=b", "/advoware/proxy?endpoint=api/v1/Akten/M%C3%BCller"} {
		if got := r.do(t, "GET", path, ""); got.StatusCode != 200 {
			t.Errorf("%s: %s %s", path, got.Status, got.body)
		}
		<-requests
	}
	for _, path := range []string{"/", "/Employees", "/employees/", "/api/v1/Akten", "/api/v1/Akten/../Rechnungen", "/api/v1/Akten/%2e%2e/x", "/api/v1/Akten/%252e%252e/x", "//employees", "/advoware/proxy?endpoint=/other", "/advoware/proxy?endpoint=/api/v1/Akten/%25252e./x"} {
		r.do(t, "GET", path, "").wantProblem(t, 403, proxy.PathRefused)
	}
	r.do(t, "DELETE", "/employees", "").wantProblem(t, 403, proxy.PathRefused)
	if len(requests) > 0 {
		t.Error("something was sent")
	}
}

func keyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const aKey, another = "0123456789abcdef", "fedcba9876543210"

// Who has no key is not served; the key goes no further.
func TestKey(t *testing.T) {
	keys, err := proxy.OpenKeys(keyFile(t, "# for the scripts\n"+aKey+"\n\n"+another+"\r\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, requests := seen(t, options{proxy: func(c *proxy.Config) { c.Keys = keys }})
	for _, header := range [][]string{
		{"Authorization", "Bearer " + aKey}, {"authorization", "bearer  " + another}, {"Advoware-Proxy-Key", aKey}, {"Authorization", "Basic eDp5", "Advoware-Proxy-Key", another},
	} {
		if got := r.do(t, "GET", "/x", "", header...); got.StatusCode != 200 {
			t.Errorf("%q: %s", header, got.Status)
		}
		for name, values := range (<-requests).Header {
			if text := strings.Join(values, " "); strings.Contains(text, aKey) || strings.Contains(text, another) {
				t.Errorf("%s: %s goes up", name, text)
			}
		}
	}
	for _, header := range [][]string{
		nil, {"Authorization", aKey}, {"Authorization", "Basic " + aKey}, {"Authorization", "Bearer "}, {"Authorization", "Bearer " + aKey[:15]}, {"Authorization", "Bearer " + aKey + "0"},
		{"Advoware-Proxy-Key", ""}, {"Advoware-Proxy-Key", "# for the scripts"}, {"Advoware-Proxy-Key", aKey + " " + another},
	} {
		got := r.do(t, "GET", "/x", "", header...)
		got.wantProblem(t, 401, proxy.WrongKey)
		if got.Header.Get("WWW-Authenticate") == "" || strings.Contains(got.body, aKey) {
			t.Errorf("%q: %v %s", header, got.Header, got.body)
		}
	}
	if len(requests) > 0 {
		t.Error("something was sent")
	}
}
