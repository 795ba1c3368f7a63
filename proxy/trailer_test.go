package proxy_test

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware"
)

// What a client cannot send in the header it cannot send behind the body either, announced or not.
func TestTrailersOfARequest(t *testing.T) {
	r, requests := seen(t, options{config: func(c *advoware.Config) { c.ReadOnly = true }})
	fields := "authorization: Bearer mine\r\nAdvoware-Proxy-Key: mine\r\nProxy-Authorization: Basic bWluZQ==\r\nHost: evil.example\r\nContent-Length: 9\r\n" +
		"X-HTTP-Method-Override: DELETE\r\nX_HTTP_Method: DELETE\r\nX-Forwarded-For: 10.1.2.3\r\nX-Forwarded-Prefix: /admin\r\nX_Forwarded_Path: /admin\r\nX-Original-URL: /admin\r\nX_Rewrite_Url: /admin\r\nX-Sum: 1\r\n"
	for _, announced := range []string{"X-Sum", "X-Sum, Authorization, Advoware-Proxy-Key, X-HTTP-Method-Override", "Authorization"} {
		conn := r.raw(t, "GET /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTrailer: "+announced+"\r\n\r\n2\r\n{}\r\n0\r\n"+fields+"\r\n")
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		got := (<-requests).Trailer
		if names := slices.Collect(maps.Keys(got)); !slices.Equal(names, []string{"X-Sum"}) || got.Get("X-Sum") != "1" {
			t.Errorf("%s: %v goes up", announced, got)
		}
	}
}

// An office cannot say that the proxy failed, wherever it writes it.
func TestVerdictIsTheProxys(t *testing.T) {
	const verdict = "Advoware-Proxy-Error: timeout\r\nAdvoware-Proxy-Outcome: not_sent\r\n"
	for announced, trailer := range map[string]string{"Trailer: Advoware-Proxy-Error, X-Sum\r\n": "X-Sum: 1\r\n", "": "X-Sum: 1\r\n", "Trailer: Advoware-Proxy-Error\r\n": ""} {
		r := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n"+verdict+"\r\n"+
				"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"+announced+verdict+"\r\n2\r\nok\r\n0\r\n"+verdict+trailer+"\r\n")
			_ = conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, conn)
		}), options{})
		interim := make(http.Header)
		trace := &httptrace.ClientTrace{Got1xxResponse: func(_ int, h textproto.MIMEHeader) error { interim = http.Header(h).Clone(); return nil }}
		req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", r.url+"/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		got := send(t, req)
		if got.body != "ok" || got.Trailer.Get("X-Sum") != strings.TrimSuffix(strings.TrimPrefix(trailer, "X-Sum: "), "\r\n") || interim.Get("Link") != "</a>" {
			t.Errorf("%q: %q, trailer %v, before it %v", announced, got.body, got.Trailer, interim)
		}
		for where, h := range map[string]http.Header{"103": interim, "header": got.Header, "trailer": got.Trailer} {
			for _, name := range []string{"Advoware-Proxy-Error", "Advoware-Proxy-Outcome"} {
				if values, ok := h[name]; ok {
					t.Errorf("%q: the %s has %s: %q", announced, where, name, values)
				}
			}
		}
	}
}
