package client_test

import (
	"errors"
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
