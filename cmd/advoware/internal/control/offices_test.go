package control_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIdentities(t *testing.T) {
	_, base := start(t)
	made := call(t, "POST", base+"identities", `{"kanzlei":"Müller & Söhne","user":"AB","password":"geheim-geheim","role":3}`)
	if made.want(t, 201, nil); strings.Contains(made.text, "geheim") {
		t.Errorf("%s has the password", made.text)
	}
	type identity struct {
		AppID    string `json:"app_id"`
		Product  int    `json:"product"`
		Role     int    `json:"role"`
		Kanzlei  string `json:"kanzlei"`
		Database string `json:"database"`
		User     string `json:"user"`
	}
	var all []identity // and nothing else
	call(t, "GET", base+"identities", "").want(t, 200, &all)
	want := []identity{
		{"sandbox-app", 64, 2, "sandbox-kanzlei", "SANDBOX-DATABASE", "sandbox-user"},
		{"sandbox-app", 64, 3, "Müller & Söhne", "SANDBOX-DATABASE", "AB"},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var d struct {
		Kanzlei, Body  string
		Answer, Header map[string]any
		Status         int
		Delay          float64
	}
	if call(t, "GET", base+"discovery?kanzlei=M%C3%BCller+%26+S%C3%B6hne", "").want(t, 200, &d); d.Answer["relayUrl"] == nil || d.Status != 0 {
		t.Errorf("its Kanzlei is not known: %+v", d)
	}
}

type connector struct {
	Kanzlei, URL, CA, Pin string
	Open                  bool
}

func TestConnectors(t *testing.T) {
	fake, base := start(t)
	post := func(path, body string, status int) (c connector) {
		t.Helper()
		call(t, "POST", base+path, body).want(t, status, &c)
		return c
	}
	first := post("connectors", `{"kanzlei":"sandbox-kanzlei","tls":true,"hosts":["connector.local","127.0.0.1"]}`, 201)
	roots := x509.NewCertPool()
	if !first.Open || !strings.HasPrefix(first.URL, "https://127.0.0.1:") || !strings.HasPrefix(first.Pin, "sha256/") || !roots.AppendCertsFromPEM([]byte(first.CA)) {
		t.Fatalf("%+v", first)
	}
	call(t, "POST", base+"connectors", `{"kanzlei":"sandbox-kanzlei"}`).wantProblem(t, 409, "sandbox-kanzlei")

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	get := func(url string) int {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", url+"employees", nil)
		req.Header.Set("Authorization", "Bearer "+fake.Issue())
		resp, err := client.Do(req)
		if err != nil {
			return 0
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if status := get(first.URL); status != 200 {
		t.Errorf("status %d", status)
	}
	moved := post("connectors/move", `{"kanzlei":"sandbox-kanzlei"}`, 200)
	if old, now := get(first.URL), get(moved.URL); moved.URL == first.URL || moved.Pin != first.Pin || old != 0 || now != 200 {
		t.Errorf("moved to %s: %d at the old address, %d at the new one", moved.URL, old, now)
	}
	closed := post("connectors/close", `{"kanzlei":"sandbox-kanzlei"}`, 200)
	if status := get(moved.URL); closed.Open || status != 0 {
		t.Errorf("%+v answers %d", closed, status)
	}
	opened := post("connectors/open", `{"kanzlei":"sandbox-kanzlei"}`, 200)
	if status := get(moved.URL); !opened.Open || status != 200 {
		t.Errorf("%+v answers %d", opened, status)
	}
	host := strings.TrimSuffix(strings.TrimPrefix(fake.BaseURL(), "http://"), "/")
	call(t, "POST", base+"connectors/move", `{"kanzlei":"sandbox-kanzlei","addr":"`+host+`"}`).wantProblem(t, 400, "addr", "in use")
	for _, path := range []string{"move", "close", "open"} {
		call(t, "POST", base+"connectors/"+path, `{"kanzlei":"x"}`).wantProblem(t, 404, "x")
	}
	var all []connector
	if call(t, "GET", base+"connectors", "").want(t, 200, &all); len(all) != 1 || all[0] != opened {
		t.Errorf("%+v", all)
	}
}
