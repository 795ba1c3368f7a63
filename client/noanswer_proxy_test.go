package client_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/gateway"
)

// A proxy's refusal is never taken for the API's or the gateway's.
func TestProxyThatRefuses(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }))
	defer proxy.Close()
	by, _ := url.Parse(proxy.URL)
	by.User = url.UserPassword("user", "swordfish")
	was := http.DefaultTransport
	defer func() { http.DefaultTransport = was }()
	changed := was.(*http.Transport).Clone()
	changed.Proxy = http.ProxyURL(by)
	http.DefaultTransport = changed

	w := start(t, setup{gateway: func(c *gateway.Config) { c.URL, c.Base = "https://gateway.example/Token", nil }})
	_, err := w.source.Token(t.Context(), 0)
	var refused *client.ProxyError
	var te *gateway.TokenError
	if !errors.As(err, &refused) || refused.Target != "gateway.example:443" || !errors.As(err, &te) || te.Kind != gateway.Outage || te.Status != 0 {
		t.Errorf("gateway: %v", err)
	}

	c, cerr := client.New(client.Config{BaseURL: "https://api.example:90/", Source: newSource(t, "tok-1"), Logger: new(logs).logger()})
	if cerr != nil {
		t.Fatal(cerr)
	}
	defer c.Close()
	for how, do := range routes {
		if how == "foreign" {
			continue
		}
		err := do(c, "https://api.example:90/x")
		var api *client.APIError
		if !errors.As(err, &refused) || refused.Target != "api.example:90" || refused.Status != 403 || errors.As(err, &api) || errors.Is(err, client.ErrForbidden) {
			t.Errorf("%s: %v", how, err)
		} else if !strings.Contains(err.Error(), by.Host) || !strings.Contains(err.Error(), "403 Forbidden") || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%s: message %q", how, err)
		}
	}
}

// A request that a SOCKS proxy gave no connection for was not sent, whichever way it was
// made.
func TestSOCKSProxyThatRefuses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.ReadFull(conn, make([]byte, 3))
				_, _ = conn.Write([]byte{5, 0})
				_, _ = io.ReadFull(conn, make([]byte, 5))
				_, _ = conn.Write([]byte{5, 2, 0, 1, 0, 0, 0, 0, 0, 0}) // not allowed
			}()
		}
	}()
	proxy := &url.URL{Scheme: "socks5", Host: l.Addr().String()}
	base := &http.Transport{Proxy: http.ProxyURL(proxy)}
	defer base.CloseIdleConnections()
	c, err := client.New(client.Config{BaseURL: apiBase, Source: newSource(t, "tok-1"), Base: base, Logger: new(logs).logger()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, method := range []string{"GET", "POST"} {
		_, err := c.Call(t.Context(), client.Request{Method: method})
		if !errors.Is(err, client.ErrNotSent) {
			t.Errorf("%s, Call: %v", method, err)
		}
		req, err := c.NewRequest(t.Context(), method, "/x", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(req); !errors.Is(err, client.ErrNotSent) {
			t.Errorf("%s, Do: %v", method, err)
		}
	}
}
