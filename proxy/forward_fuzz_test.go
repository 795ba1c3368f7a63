package proxy_test

import (
	"bufio"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/proxy"
	"github.com/advoware-go/advoware/store"
)

// caught is an office that keeps the request that came, and answers with a redirect to where
// the request asks.
type caught struct{ req *http.Request }

func (c *caught) RoundTrip(req *http.Request) (*http.Response, error) {
	c.req = req.Clone(req.Context())
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(req.Body, 1<<20))
		_ = req.Body.Close()
	}
	h := http.Header{"Content-Type": {"application/json"}}
	if where := req.Header.Get("X-Where"); where != "" {
		h.Set("Location", where)
	}
	return &http.Response{StatusCode: 302, ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: io.NopCloser(strings.NewReader("[]")), ContentLength: 2, Request: req}, nil
}

// FuzzRequest: whatever a client sends, what reaches the office goes to its address, with one
// token, in one header, and with nothing of the way to the proxy; what does not reach it has
// the proxy's own answer; and no answer has the token in it.
func FuzzRequest(f *testing.F) {
	const secret = "eyJhbGciOi.0123456789abcdef"
	for _, seed := range []string{
		"GET /employees?limit=3 HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /a/b HTTP/1.1\r\nHost: 127.0.0.1:8064\r\nContent-Length: 3\r\nAuthorization: Basic eDp5\r\nauthorization: Bearer other\r\n\r\n[1]",
		"GET //evil.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET http://evil.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /advoware/proxy?endpoint=/employees&limit=5 HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /advoware/proxy?endpoint=%2F%2Fevil.example HTTP/1.1\r\nHost: [::1]\r\n\r\n",
		"GET /advoware/proxy?endpoint=http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /%2e%2e/%2f%2fx\\y HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Authorization, X-A\r\nX-A: 1\r\nForwarded: for=1\r\nX-Forwarded-For: 2\r\nAdvoware-Proxy-Key: k\r\nTE: trailers\r\n\r\n",
		"PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n1\r\nx\r\n0\r\nAuthorization: Bearer z\r\n\r\n",
		"GET /?t=" + secret + " HTTP/1.1\r\nHost: localhost\r\nX-Where: http://office.example:90/base/x?t=" + secret + "\r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: localhost\r\nX-Where: //evil.example\\@office.example\r\n\r\n",
	} {
		f.Add(seed)
	}
	now := time.Now()
	tok, err := store.NewToken(secret, now, now.Add(24*time.Hour))
	if err != nil {
		f.Fatal(err)
	}
	office := new(caught)
	silent := slog.New(slog.DiscardHandler)
	c, err := client.New(client.Config{BaseURL: "http://office.example:90/base/", AllowInsecure: true, Source: token.Static(tok), Base: office, Logger: silent})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = c.Close() })
	p, err := proxy.New(proxy.Config{Offices: []proxy.Office{{Name: "muster", Client: c}}, Logger: silent})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(sent)))
		if err != nil {
			return // net/http's server would answer
		}
		knew := strings.Contains(sent, secret[:8])
		r.RemoteAddr = "127.0.0.1:1"
		office.req = nil
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if v := recover(); v != nil && v != http.ErrAbortHandler {
					panic(v)
				}
			}()
			p.ServeHTTP(w, r)
		}()
		for name, values := range w.Header() {
			if text := strings.Join(values, " "); strings.Contains(text, secret) {
				t.Errorf("the header %s of the answer has the token in it: %s", name, text)
			}
		}
		if !knew && strings.Contains(w.Body.String(), secret[:8]) {
			t.Errorf("the answer has the token in it: %s", w.Body)
		}
		if office.req == nil {
			if kind := w.Header().Get("Advoware-Proxy-Error"); w.Code < 400 || kind == "" || r.Method != "HEAD" && !json.Valid(w.Body.Bytes()) {
				t.Errorf("nothing was sent, and the answer is %d, %q, %s", w.Code, kind, w.Body)
			}
			return
		}
		out := office.req
		switch again, err := url.Parse(out.URL.String()); {
		case out.URL.Scheme != "http" || out.URL.Host != "office.example:90" || out.URL.User != nil || out.URL.Opaque != "" || out.Host != "":
			t.Errorf("sent to %v, host %q", out.URL, out.Host)
		case err != nil || again.Host != out.URL.Host:
			t.Errorf("%v is read as %v, %v", out.URL, again, err)
		case !strings.HasPrefix(out.URL.EscapedPath(), "/base/") && out.URL.EscapedPath() != "/base":
			t.Errorf("the path is %s", out.URL.EscapedPath())
		case strings.ContainsAny(out.URL.RequestURI(), " \r\n\t\x00"):
			t.Errorf("the target is %q", out.URL.RequestURI())
		}
		if out.Method != r.Method || out.Method == "CONNECT" || out.Method == "TRACE" {
			t.Errorf("the method is %s", out.Method)
		}
		tokens := 0
		for name, values := range out.Header {
			switch strings.ToLower(name) {
			case "authorization":
				tokens += len(values)
				if !slices.Equal(values, []string{"Bearer " + secret}) {
					t.Errorf("%s: %q", name, values)
				}
			case strings.ToLower(proxy.KeyHeader), "upgrade", "connection", "proxy-authorization", "keep-alive", "proxy-connection",
				"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded":
				t.Errorf("%s: %q is passed on", name, values)
			}
		}
		if tokens != 1 || out.Trailer["Authorization"] != nil {
			t.Errorf("%d tokens, trailer %v", tokens, out.Trailer)
		}
	})
}
