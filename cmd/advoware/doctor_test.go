package main_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// doctorReport is what --json prints.
type doctorReport struct {
	Version int
	OK      bool
	Checks  []map[string]string
}

// reportOf reads the one document that a run printed.
func reportOf(t *testing.T, out string) (r doctorReport) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil || strings.TrimSpace(out[dec.InputOffset():]) != "" {
		t.Fatalf("%v in %q", err, out)
	}
	groups := []string{"configuration", "clock", "discovery", "gateway", "API", "Redis", "token", "fleet"}
	at := 0
	for _, c := range r.Checks {
		i := slices.Index(groups, c["group"])
		if i < at || c["name"] == "" || !slices.Contains([]string{"ok", "warning", "failure", "skipped"}, c["status"]) || c["saw"] == "" || len(c) != 6 {
			t.Errorf("%v", c)
		}
		at = i
	}
	for _, name := range groups {
		if !slices.ContainsFunc(r.Checks, func(c map[string]string) bool { return c["group"] == name }) {
			t.Errorf("there is no group %s", name)
		}
	}
	return r
}

// want wants a check, which has the status and the words in what was seen or is to be done.
func (r doctorReport) want(t *testing.T, group, name, status string, words ...string) {
	t.Helper()
	for _, c := range r.Checks {
		if c["group"] != group || c["name"] != name {
			continue
		}
		bad := c["status"] != status
		for _, word := range words {
			bad = bad || !strings.Contains(c["saw"]+" "+c["hint"], word)
		}
		if bad {
			t.Errorf("%v; want %s, %q", c, status, words)
		}
		return
	}
	t.Errorf("there is no check %s: %s in %v", group, name, r.Checks)
}

// A healthy office, in each form, with status 0 and nothing on stderr.
func TestDoctorOfAHealthyOffice(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	vars := append(fake.Env(), redisAt(redistest.Start(t))...)
	got := run(t, vars, "doctor", "--json")
	got.wantQuiet(t)
	if r := reportOf(t, got.out); !r.OK || r.Version != 1 {
		t.Errorf("%+v", r)
	}
	got = run(t, vars, "doctor")
	got.wantQuiet(t)
	for _, line := range []string{"configuration\n", "  ok       clock: ", "\ngateway\n", "\nAPI\n", "\nRedis\n", "\ntoken\n", "\nfleet\n"} {
		if !strings.Contains(got.out, line) {
			t.Errorf("%q is not in\n%s", line, got.out)
		}
	}
	got = run(t, vars, "doctor", "--short")
	got.wantQuiet(t)
	if !strings.HasPrefix(got.out, "advoware doctor: ok (") || strings.Count(got.out, "\n") != 1 {
		t.Errorf("%q", got.out)
	}
	if n := fake.Counts().TokenRequests; n != 0 {
		t.Errorf("%d token requests", n)
	}
}

// With a failure the status is 1 in each form, and 2 for wrong usage, with nothing on stdout.
func TestDoctorStatus(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{Skew: time.Hour})
	vars := append(fake.Env(), noRedis(t)...)
	for _, form := range [][]string{nil, {"--json"}, {"--short"}} {
		got := run(t, vars, append([]string{"doctor"}, form...)...)
		if got.status != 1 || got.err != "" || !strings.Contains(got.out, "3600 s behind the gateway's") {
			t.Errorf("%q: %+v", form, got)
		}
	}
	for _, args := range [][]string{
		{"--json", "--short"}, {"--nonsense"}, {"more"}, {"--endpoint", "https://elsewhere.example/x"}, {"--endpoint", "/a#b"}, {"--endpoint", "/a%zz"}, {"--endpoint"},
	} {
		run(t, vars, append([]string{"doctor"}, args...)...).wantFailure(t, 2)
	}
	if got := run(t, nil, "doctor", "--json", "--endpoint", "/x"); got.status != 1 {
		t.Errorf("without any configuration: %+v", got)
	}
}

// A token request is announced, made once, and kept for others; an endpoint is asked for.
func TestDoctorFetch(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	server := redistest.Start(t)
	vars := append(fake.Env(), redisAt(server)...)
	got := run(t, vars, "doctor", "--json", "--fetch", "--endpoint", "/employees")
	if got.status != 0 || !strings.HasPrefix(got.err, "advoware: doctor: --fetch makes one token request") || strings.Count(got.err, "\n") != 1 {
		t.Errorf("%d %q", got.status, got.err)
	}
	r := reportOf(t, got.out)
	r.want(t, "gateway", "token request", "ok", "fingerprint")
	r.want(t, "API", "endpoint", "ok", "status 200")
	r.want(t, "token", "far", "ok")
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests", n)
	}
	fake.Inject(clienttest.Fault{Refusal: clienttest.WrongPassword, Times: -1})
	got = run(t, vars, "doctor", "--short", "--fetch")
	if got.status != 1 || !strings.Contains(got.out, "gateway: token request") || !strings.Contains(got.out, "lock the account") {
		t.Errorf("%+v", got)
	}
}

// The gateway's certificate is checked against the authorities of the system, and a clock that is
// off is known from one that has not begun.
func TestDoctorOfAGatewayWithACertificate(t *testing.T) {
	ca := certtest.NewCA(t)
	year := 365 * 24 * time.Hour
	gateway := func(c certtest.Certificate, skew time.Duration) string {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusNotFound)
		}))
		s.TLS = &tls.Config{Certificates: []tls.Certificate{c.Certificate}}
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.URL + "/api/v1/Token"
	}
	for name, test := range map[string]struct {
		url           string
		trusted       bool
		status        string
		words         []string
		clock, figure string
	}{
		"good":             {gateway(ca.Sign("good", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(year) }), 0), true, "ok", []string{"valid until"}, "ok", "s from"},
		"a firewall's own": {gateway(certtest.SelfSigned(t, "Firewall", nil), 0), true, "failure", []string{"issued by CN=Firewall", "opens TLS"}, "ok", "the API's"},
		"no authorities":   {gateway(ca.Sign("any", nil), 0), false, "failure", []string{"ca-certificates"}, "ok", "the API's"},
		"ended": {gateway(ca.Sign("ended", func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-50*time.Minute), time.Now().Add(-40*time.Minute)
		}), 0), true, "failure", []string{"not valid any more", "the vendor has to renew it"}, "ok", "the gateway's"},
		"not begun": {gateway(ca.Sign("future", func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(time.Hour), time.Now().Add(3*time.Hour)
		}), 2*time.Hour), true, "failure", []string{"not valid before", "7200 s behind", "set it first"}, "failure", "7200 s behind the gateway's"},
		"another name": {gateway(ca.Sign("other", func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"elsewhere.example"}, nil }), 0), true, "failure", []string{"elsewhere.example", "ADVOWARE_TOKEN_URL"}, "ok", "the API's"},
	} {
		fake := clienttest.Start(t, clienttest.Options{})
		file := filepath.Join(t.TempDir(), "authorities.pem")
		authority, err := os.ReadFile(ca.File())
		if err != nil || !test.trusted {
			authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certtest.SelfSigned(t, "nobody", nil).Leaf.Raw})
		}
		if err := os.WriteFile(file, authority, 0o600); err != nil {
			t.Fatal(err)
		}
		got := run(t, env(fake.Env(), noRedis(t), []string{"ADVOWARE_TOKEN_URL=" + test.url, "SSL_CERT_FILE=" + file, "SSL_CERT_DIR=/nowhere"}), "doctor", "--json")
		t.Run(name, func(t *testing.T) {
			r := reportOf(t, got.out)
			r.want(t, "gateway", "certificate", test.status, test.words...)
			r.want(t, "clock", "clock", test.clock, test.figure)
		})
	}
}

// A proxy in the environment: one that lets nothing through, one that wants a login, one that is
// not there, one that is no URL; and one that is not used.
func TestDoctorBehindAProxy(t *testing.T) {
	refusing := func(status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(s.Close)
		return "http://user:geheim-im-proxy@" + strings.TrimPrefix(s.URL, "http://")
	}
	_, closed, _ := strings.Cut(noRedis(t)[1], "=")
	fake := clienttest.Start(t, clienttest.Options{})
	for name, test := range map[string]struct {
		proxy  string
		status string
		words  []string
	}{
		"refuses":       {refusing(403), "failure", []string{"403", "CONNECT to gateway.example:443", "NO_PROXY=gateway.example"}},
		"wants a login": {refusing(407), "failure", []string{"407", "wants a login"}},
		"is not there":  {"http://127.0.0.1:" + closed, "failure", []string{"127.0.0.1:" + closed, "unset HTTPS_PROXY"}},
	} {
		vars := env(fake.Env(), noRedis(t), []string{"ADVOWARE_TOKEN_URL=https://gateway.example/api/v1/Token", "HTTPS_PROXY=" + test.proxy})
		got := run(t, vars, "doctor", "--json")
		t.Run(name, func(t *testing.T) {
			r := reportOf(t, got.out)
			r.want(t, "gateway", "port", test.status, test.words...)
			r.want(t, "configuration", "proxy", "warning", "HTTPS_PROXY", "gateway.example")
			r.want(t, "API", "answer", "ok")
			if strings.Contains(got.out, "geheim") {
				t.Error("the proxy's password is shown")
			}
		})
	}
	got := run(t, env(fake.Env(), noRedis(t), []string{"ADVOWARE_TOKEN_URL=https://gateway.example/api/v1/Token", "HTTPS_PROXY=ftp://x:geheim@y"}), "doctor", "--json")
	r := reportOf(t, got.out)
	r.want(t, "configuration", "proxy", "failure", "HTTPS_PROXY is not the URL of a proxy")
	got = run(t, env(fake.Env(), noRedis(t), []string{"HTTPS_PROXY=" + refusing(403)}), "doctor", "--json")
	reportOf(t, got.out).want(t, "configuration", "proxy", "ok", "not used")
}
