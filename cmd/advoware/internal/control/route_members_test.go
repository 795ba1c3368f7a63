package control_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestBadBodies(t *testing.T) {
	_, base := start(t)
	for _, c := range []struct {
		method, path, body string
		words              []string
	}{
		{"POST", "faults", ``, []string{"Content-Type"}},
		{"POST", "faults", ` `, []string{"not JSON"}},
		{"POST", "faults", `null`, []string{"one object"}},
		{"POST", "faults", `[]`, []string{"one object"}},
		{"POST", "faults", `"x"`, []string{"one object"}},
		{"POST", "faults", `{`, []string{"JSON"}},
		{"POST", "faults", `{} {}`, []string{"one object"}},
		{"POST", "faults", `{"times":1,}`, []string{"JSON"}},
		{"POST", "faults", "{\"match\":\"\xff\"}", []string{"UTF-8"}},
		{"POST", "faults", `{"tiems":1}`, []string{"tiems", "not known", "times"}},
		{"POST", "faults", `{"Times":1}`, []string{"Times", "not known"}},
		{"POST", "faults", `{"":1}`, []string{`""`, "not known"}},
		{"POST", "faults", `{"times":1,"times":2}`, []string{"times", "twice"}},
		{"POST", "faults", `{"times":"1"}`, []string{"times", "whole number"}},
		{"POST", "faults", `{"times":1.5}`, []string{"times", "whole number"}},
		{"POST", "faults", `{"times":null}`, []string{"times", "whole number"}},
		{"POST", "faults", `{"times":99999999999999999999}`, []string{"times", "whole number"}},
		{"POST", "faults", `{"hang":1}`, []string{"hang", "true or false"}},
		{"POST", "faults", `{"body":{}}`, []string{"body", "text"}},
		{"POST", "faults", `{"on":"gateway"}`, []string{"on", `"token"`}},
		{"POST", "faults", `{"on":0}`, []string{"on", `"token"`}},
		{"POST", "faults", `{"named":"x"}`, []string{"named", "gateway-down"}},
		{"POST", "faults", `{"named":null}`, []string{"named", "gateway-down"}},
		{"POST", "faults", `{"status":99}`, []string{"status", "200 to 599"}},
		{"POST", "faults", `{"status":101}`, []string{"status"}},
		{"POST", "faults", `{"status":1000}`, []string{"status"}},
		{"POST", "faults", `{"every":-1}`, []string{"every"}},
		{"POST", "faults", `{"delay":-1}`, []string{"delay"}},
		{"POST", "faults", `{"delay":"5"}`, []string{"delay", "250ms"}},
		{"POST", "faults", `{"delay":true}`, []string{"delay", "250ms"}},
		{"POST", "faults", `{"delay":1e300}`, []string{"delay", "250ms"}},
		{"POST", "faults", `{"delay":1e999}`, []string{"delay"}},
		{"POST", "faults", `{"redirect_to":"http://x/\r\nSet-Cookie: a"}`, []string{"redirect_to"}},
		{"POST", "faults", `{"header":{"A B":"x"}}`, []string{"header", "A B"}},
		{"POST", "faults", `{"header":{"A":"x\ny"}}`, []string{"header", "A"}},
		{"POST", "faults", `{"header":{"A":1}}`, []string{"header", "A"}},
		{"POST", "faults", `{"header":[]}`, []string{"header", "object"}},
		{"POST", "faults", `{"where":{"methd":"GET"}}`, []string{"where.methd", "not known", "method"}},
		{"POST", "faults", `{"where":{"method":1}}`, []string{"where.method", "text"}},
		{"POST", "faults", `{"where":"GET"}`, []string{"where", "object"}},
		{"POST", "faults", `{"where":null}`, []string{"where", "object"}},
		{"POST", "faults", `{"where":{"query":{"a":1}}}`, []string{"where.query"}},
		{"POST", "observers", `{"times":1}`, []string{"times", "not known"}},
		{"POST", "observers?x=1", `{}`, []string{"x", "not known"}},
		{"POST", "tokens", `{"x":1}`, []string{"x", "not known"}},
		{"POST", "tokens/revoke", `{}`, []string{"token", "all"}},
		{"POST", "tokens/revoke", `{"all":false}`, []string{"token", "all"}},
		{"POST", "tokens/revoke", `{"all":true,"token":"x"}`, []string{"token", "all"}},
		{"PATCH", "options", `{"latency":-1}`, []string{"latency", "negative"}},
		{"PATCH", "options", `{"token_latency":"-1s"}`, []string{"token_latency", "negative"}},
		{"PATCH", "options", `{"shape":"round"}`, []string{"shape", `"both"`, `or "none"`}},
		{"PATCH", "options", `{"rows":1}`, []string{"rows", "cannot change"}},
		{"PATCH", "options", `{"seed":1}`, []string{"seed", "cannot change"}},
		{"PATCH", "options", `{"latency":3600,"skew":"x"}`, []string{"skew"}},
		{"POST", "identities", `{"api_key":"%"}`, []string{"api_key", "base64"}},
		{"POST", "identities", `{"user":"a\nb"}`, []string{"user", "line end"}},
		{"POST", "identities", `{"product":"64"}`, []string{"product"}},
		{"POST", "connectors", `{}`, []string{"kanzlei", "missing"}},
		{"POST", "connectors", `{"kanzlei":"k","addr":"192.0.2.1:0"}`, []string{"addr", "loopback"}},
		{"POST", "connectors", `{"kanzlei":"k","addr":"x"}`, []string{"addr"}},
		{"POST", "connectors", `{"kanzlei":"k","addr":"127.0.0.1:70000"}`, []string{"addr", "port"}},
		{"POST", "connectors", `{"kanzlei":"k","tls":true,"hosts":["ü"]}`, []string{"hosts"}},
		{"POST", "connectors", `{"kanzlei":"k","hosts":"x"}`, []string{"hosts", "array"}},
		{"PUT", "discovery", `{"answer":{}}`, []string{"kanzlei", "missing"}},
		{"PUT", "discovery", `{"kanzlei":"k","answer":{"relayURL":"x"}}`, []string{"answer.relayURL", "not known", "relayUrl"}},
		{"PUT", "discovery", `{"kanzlei":"k","answer":null}`, []string{"answer", "object"}},
		{"PUT", "discovery", `{"kanzlei":"k","body":1}`, []string{"body", "text"}},
		{"PUT", "discovery", `{"kanzlei":"k","status":1}`, []string{"status"}},
		{"GET", "discovery", ``, []string{"kanzlei", "missing"}},
		{"GET", "discovery?kanzlei=a&kanzlei=b", ``, []string{"kanzlei", "twice"}},
		{"GET", "discovery?Kanzlei=a", ``, []string{"Kanzlei", "not known"}},
		{"GET", "requests?last=-1", ``, []string{"last"}},
		{"GET", "requests?last=x", ``, []string{"last"}},
		{"GET", "requests?last=1001", ``, []string{"last", "1000"}},
		{"GET", "requests/follow?last=1001", ``, []string{"last", "1000"}},
		{"GET", "requests?limit=1", ``, []string{"limit", "not known"}},
		{"GET", "counts?%zz", ``, []string{"query"}},
	} {
		t.Run(c.method+" "+c.path+" "+c.body, func(t *testing.T) {
			status := 400
			if c.body == "" && c.method != "GET" {
				status = 415
			}
			call(t, c.method, base+c.path, c.body).wantProblem(t, status, c.words...)
		})
	}
	call(t, "GET", base+"faults", "").want(t, 200, &[]struct{}{}) // nothing came of it
	var o struct{ Latency float64 }
	if err := json.Unmarshal([]byte(call(t, "GET", base+"options", "").text), &o); err != nil || o.Latency != 0 {
		t.Errorf("half of what was refused was done: %v, %v", o, err)
	}
}

func TestTooLargeAndOtherTypes(t *testing.T) {
	_, base := start(t)
	large := `{"match":"` + strings.Repeat("x", 64<<10) + `"}`
	for _, path := range []string{"faults", "observers", "tokens", "tokens/revoke", "identities", "connectors"} {
		call(t, "POST", base+path, large).wantProblem(t, 413, "65536")
	}
	call(t, "POST", base+"faults", large[:10]+strings.Repeat("x", 64<<10-12)+`"}`).want(t, 201, nil)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/jsonx", "x"} {
		call(t, "POST", base+"faults", `{}`, "Content-Type", kind).wantProblem(t, 415, "application/json")
	}
	for _, kind := range []string{"application/json", "Application/JSON; charset=UTF-8"} {
		call(t, "POST", base+"faults", `{}`, "Content-Type", kind).want(t, 201, nil)
	}
}
