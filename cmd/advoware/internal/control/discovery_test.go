package control_test

import (
	"strings"
	"testing"
)

func TestDiscovery(t *testing.T) {
	fake, base := start(t)
	asked := func(kanzlei string) string {
		got := call(t, "GET", fake.DiscoveryURL()+"?Kanzlei="+kanzlei, "")
		return strings.TrimSpace(strings.ReplaceAll(got.text, fake.BaseURL(), "<>"))
	}
	for _, c := range []struct{ set, want string }{
		{`{"kanzlei":"k","answer":{}}`, `{}`},
		{`{"kanzlei":"k","answer":{"relayUrl":null,"connectorUrl":"","securityGateway":[1,{"a":2}]}}`, `{"relayUrl":null,"connectorUrl":"","securityGateway":[1,{"a":2}]}`},
		{`{"kanzlei":"k","status":204}`, ``},
		{`{"kanzlei":"k","body":"<html>","header":{"Content-Type":"text/html"}}`, `<html>`},
		{`{"kanzlei":"k","body":""}`, ``},
		{`{"kanzlei":"k","body":null}`, `{"relayUrl":null,"connectorUrl":"","securityGateway":[1,{"a":2}]}`}, // as it was set last
		{`{"kanzlei":"sandbox-kanzlei","delay":"1ms"}`, `{"relayUrl":"<>","connectorUrl":null,"securityGateway":"<>"}`},
		{`{"kanzlei":"sandbox-kanzlei","answer":{"relayUrl":"http://x/"},"delay":0}`, `{"relayUrl":"http://x/"}`},
	} {
		var d struct {
			Kanzlei        string
			Body           *string
			Answer, Header map[string]any
			Status         int
			Delay          float64
		}
		call(t, "PUT", base+"discovery", c.set).want(t, 200, &d)
		if got := asked(d.Kanzlei); got != c.want {
			t.Errorf("%s: %s; want %s", c.set, got, c.want)
		}
		call(t, "GET", base+"discovery?kanzlei="+d.Kanzlei, "").want(t, 200, &d)
	}
}
