package roundtrip_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/internal/roundtrip"
)

// proxied makes Transports use a proxy for everything, as a program or its environment
// may, and restores that.
func proxied(t *testing.T, by string) {
	t.Helper()
	u, err := url.Parse(by)
	if err != nil {
		t.Fatal(err)
	}
	was := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = was })
	changed := was.(*http.Transport).Clone()
	changed.Proxy = http.ProxyURL(u)
	http.DefaultTransport = changed
}

// A proxy that lets nothing through is named, with its status, and nothing else of what
// it says or of how it is asked.
func TestProxyThatRefuses(t *testing.T) {
	for status, want := range map[int]string{403: "403 Forbidden", 407: "407 Proxy Authentication Required", 502: "502 Bad Gateway", 299: "299", 100: "100 Continue"} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "CONNECT" {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "HTTP/1.1 "+want[:3]+" swordfish\r\nContent-Length: 9\r\n\r\nswordfish")
		}))
		at := strings.TrimPrefix(proxy.URL, "http://")
		proxied(t, "http://user:swordfish@"+at)
		rt := roundtrip.New(roundtrip.Options{})
		req, _ := http.NewRequest("GET", "https://www2.example:90/x", nil)
		_, err := roundtrip.Exchange(rt, req)
		var refused *roundtrip.ProxyError
		if !errors.As(err, &refused) || refused.Proxy != at || refused.Target != "www2.example:90" || refused.Status != status {
			t.Errorf("%d: %v", status, err)
		} else if text := err.Error(); text != "the proxy "+at+" refuses a connection to www2.example:90: status "+want {
			t.Errorf("%d: %s", status, text)
		}
		proxy.Close()
	}
}

// Names and addresses of this machine are never asked for at a proxy.
func TestThisMachineIsNotBehindAProxy(t *testing.T) {
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer proxy.Close()
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	proxied(t, proxy.URL)
	for _, insecure := range []bool{false, true} {
		rt := roundtrip.New(roundtrip.Options{AllowInsecure: insecure})
		for _, host := range []string{"localhost", "LOCALHOST", "LocalHost.", "localhost.", "127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "127.1", "[::1%25lo]", "a.localhost"} {
			for _, scheme := range []string{"http", "https"} {
				req, err := http.NewRequest("GET", scheme+"://"+host+":"+port, nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := roundtrip.Exchange(rt, req)
				if err == nil {
					_ = resp.Body.Close()
				} else if scheme == "http" && strings.EqualFold(host, "localhost") {
					t.Errorf("%s: %v", req.URL, err)
				}
			}
		}
		rt.CloseIdleConnections()
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the proxy was asked %d times", n)
	}
	// Others are.
	req, _ := http.NewRequest("GET", "http://elsewhere.example/", nil)
	resp, err := roundtrip.New(roundtrip.Options{}).RoundTrip(req)
	if err != nil || asked.Load() != 1 {
		t.Errorf("elsewhere: %v, asked %d times", err, asked.Load())
	} else {
		_ = resp.Body.Close()
	}
}
