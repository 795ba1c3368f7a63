package doctor_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// Nothing listens, at the gateway and at the API.
func TestClosedPort(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	port := e2etest.ClosedPort(t)
	r := o.look(t, doctor.Options{Fetch: true, Endpoint: "/x"}, "ADVOWARE_API_BASE_URL=http://127.0.0.1:"+port, "ADVOWARE_TOKEN_URL=http://127.0.0.1:"+port+"/api/v1/Token")
	want{"gateway", "port", doctor.Failure, []string{"refuses", "127.0.0.1:" + port}, []string{"ADVOWARE_TOKEN_URL", "port " + port, "firewalls"}}.in(t, r)
	want{"gateway", "token request", doctor.Skipped, []string{"not reached"}, nil}.in(t, r)
	want{"API", "port", doctor.Failure, []string{"refuses"}, []string{"ask the office", "ADVOWARE_API_BASE_URL"}}.in(t, r)
	want{"API", "answer", doctor.Skipped, []string{"not reached"}, nil}.in(t, r)
	want{"API", "endpoint", doctor.Skipped, []string{"not reached"}, nil}.in(t, r)
	want{"clock", "clock", doctor.Skipped, nil, nil}.in(t, r)
}

// A firewall swallows what goes to the port: port 90 of the relay, usually.
func TestSwallowedPort(t *testing.T) {
	t.Parallel()
	o := startOffice(t, clienttest.Options{})
	port := e2etest.ClosedPort(t)
	redistest.Dead(t, "127.0.0.1:"+port)
	r := o.look(t, doctor.Options{}, "ADVOWARE_API_BASE_URL=http://127.0.0.1:"+port)
	want{"API", "port", doctor.Failure, []string{"does not answer within", "swallows"}, []string{"outgoing TCP to 127.0.0.1:" + port, "80 and 443 only"}}.in(t, r)
	want{"gateway", "answer", doctor.OK, nil, nil}.in(t, r)
}

func TestNameThatNobodyHas(t *testing.T) {
	o := startOffice(t, clienttest.Options{})
	r := o.look(t, doctor.Options{}, "ADVOWARE_API_BASE_URL=https://nobody.invalid:88/")
	c := find(t, r, "API", "address")
	if c.Status != doctor.Failure || !strings.Contains(c.Saw, "nobody.invalid") || !strings.Contains(c.Hint, "name servers") {
		t.Errorf("%+v", c)
	}
}

// Servers that take a connection and are not what they should be.
func TestServersThatAreNoAPI(t *testing.T) {
	silent := redistest.Listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	closing := redistest.Listen(t, func(c net.Conn) {})
	garbled := redistest.Listen(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1000))
		_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\nnobody knows\r\n\r\n")
	})
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	_, plainAddr, _ := strings.Cut(plain.URL, "://")
	for name, test := range map[string]struct {
		url, check string
		saw, hint  []string
	}{
		"silent":                 {"http://" + silent, "answer", []string{"does not answer within"}, []string{"hangs", "ask the office"}},
		"closing":                {"http://" + closing, "answer", []string{"not answer in HTTP"}, []string{"ADVOWARE_API_BASE_URL"}},
		"something else":         {"http://" + garbled, "answer", []string{"not answer in HTTP"}, []string{"another program"}},
		"silent, TLS":            {"https://" + silent, "certificate", []string{"no TLS within"}, []string{"firewall", "have TLS"}},
		"closing, TLS":           {"https://" + closing, "certificate", []string{"ends the connection"}, []string{"firewall", "1.2"}},
		"plain http behind TLS":  {"https://" + plainAddr, "certificate", []string{"does not speak TLS"}, []string{"check the port"}},
		"something else, TLS":    {"https://" + garbled, "certificate", []string{"does not speak TLS"}, []string{"check the port"}},
		"plain http, with a pin": {"https://" + plainAddr, "certificate", []string{"does not speak TLS"}, []string{"check the port"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := startOffice(t, clienttest.Options{})
			more := []string{"ADVOWARE_API_BASE_URL=" + test.url}
			if strings.HasSuffix(name, "pin") {
				more = append(more, "ADVOWARE_API_TLS_PIN="+certtest.SelfSigned(t, "x", nil).Pin())
			}
			r := o.look(t, doctor.Options{}, more...)
			want{"API", test.check, doctor.Failure, test.saw, test.hint}.in(t, r)
			want{"API", "port", doctor.OK, nil, nil}.in(t, r)
		})
	}
}

// Answers that a client could do nothing with.
func TestAnswersOfTheAPI(t *testing.T) {
	for name, test := range map[string]struct {
		fault clienttest.Fault
		saw   string
		hint  string
	}{
		"502":           {clienttest.Fault{Status: 502}, "status 502", "ask the office"},
		"a login page":  {clienttest.Fault{RedirectTo: "http://login.hotel.example/?from=x"}, "redirects to http://login.hotel.example", "hotspot"},
		"proxy's login": {clienttest.Fault{Status: 407}, "status 407", ""},
	} {
		o := startOffice(t, clienttest.Options{})
		test.fault.On, test.fault.Times = clienttest.API, -1
		o.Inject(test.fault)
		r := o.look(t, doctor.Options{})
		c := find(t, r, "API", "answer")
		if c.Status == doctor.OK || !strings.Contains(c.Saw, test.saw) || !strings.Contains(c.Hint, test.hint) || c.Hint == "" {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// tlsOffice is one whose API is a connector with a certificate.
func tlsOffice(t *testing.T, cfg *tls.Config) (*office, *clienttest.Connector, []string) {
	t.Helper()
	o := startOffice(t, clienttest.Options{})
	c, err := o.AddConnector(o.Identities()[0].Kanzlei, clienttest.ConnectorOptions{TLS: cfg == nil, Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	return o, c, o.discovered(t)
}

func serverOf(c certtest.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.Certificate}}
}

// The certificate of a connector: its own, of another name, that ended, that ends soon, pinned.
func TestCertificateOfAConnector(t *testing.T) {
	ca := certtest.NewCA(t)
	expired := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-time.Hour)
	}
	long := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(365 * 24 * time.Hour) }
	elsewhere := func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"connector.local"}, nil }
	pinned := certtest.SelfSigned(t, "pinned", expired)
	trust := "ADVOWARE_API_TLS_CA_FILE=" + ca.File()
	for name, test := range map[string]struct {
		server certtest.Certificate
		env    []string
		want   want
	}{
		"its own":       {certtest.SelfSigned(t, "own", long), nil, want{"API", "certificate", doctor.Failure, []string{"signed by nobody but itself", "pin sha256/"}, []string{"ADVOWARE_API_TLS_CA_FILE", "ADVOWARE_API_TLS_PIN"}}},
		"another name":  {ca.Sign("other", elsewhere), []string{trust}, want{"API", "certificate", doctor.Failure, []string{"not for this host", "connector.local"}, []string{"ADVOWARE_API_TLS_SERVER_NAME"}}},
		"ended":         {ca.Sign("ended", expired), []string{trust}, want{"API", "certificate", doctor.Failure, []string{"not valid any more"}, []string{"the office renews it"}}},
		"another pin":   {certtest.SelfSigned(t, "x", long), []string{"ADVOWARE_API_TLS_PIN=" + pinned.Pin()}, want{"API", "certificate", doctor.Failure, []string{"another key"}, []string{"new key"}}},
		"ends soon":     {ca.Sign("soon", nil), []string{trust}, want{"API", "certificate", doctor.Warning, []string{"in 0 days"}, []string{"tell the office to renew"}}},
		"pinned, ended": {pinned, []string{"ADVOWARE_API_TLS_PIN=" + pinned.Pin()}, want{"API", "certificate", doctor.OK, []string{"does not count"}, nil}},
		"good":          {ca.Sign("good", long), []string{trust}, want{"API", "certificate", doctor.OK, []string{"valid until"}, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, env := tlsOffice(t, serverOf(test.server))
			r := doctor.Options{}.RunEnv(t.Context(), append(env, test.env...))
			test.want.in(t, r)
			want{"discovery", "addresses", doctor.OK, nil, nil}.in(t, r)
			if diff := cmp.Diff(test.want.status == doctor.Failure, find(t, r, "API", "answer").Status == doctor.Skipped); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A connector that wants a certificate of ours, and gets none, or one that has ended.
func TestCertificateOfOurs(t *testing.T) {
	ca := certtest.NewCA(t)
	server := serverOf(ca.Sign("server", nil))
	server.ClientAuth, server.ClientCAs = tls.RequireAndVerifyClientCert, ca.Roots()
	old, oldKey := ca.IssueExpired("old")
	own := ca.Sign("client", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(365 * 24 * time.Hour) })
	trust := "ADVOWARE_API_TLS_CA_FILE=" + ca.File()
	_, _, env := tlsOffice(t, server)
	run := func(more ...string) doctor.Report { return doctor.Options{}.RunEnv(t.Context(), append(env, more...)) }

	r := run(trust)
	if c := failed(r, "API"); !strings.Contains(c.Saw+c.Hint, "ADVOWARE_API_TLS_CERT_FILE") && !strings.Contains(c.Hint, "certificate of the client") {
		t.Errorf("%+v", c)
	}
	r = run(trust, "ADVOWARE_API_TLS_CERT_FILE="+own.CertFile, "ADVOWARE_API_TLS_KEY_FILE="+own.KeyFile)
	want{"API", "our certificate", doctor.OK, []string{"valid until"}, nil}.in(t, r)
	want{"API", "answer", doctor.OK, nil, nil}.in(t, r)
	r = run(trust, "ADVOWARE_API_TLS_CERT_FILE="+old, "ADVOWARE_API_TLS_KEY_FILE="+oldKey)
	want{"API", "our certificate", doctor.Failure, []string{"it ended on"}, []string{"ADVOWARE_API_TLS_CERT_FILE"}}.in(t, r)
}

// failed returns the first check of a group that failed.
func failed(r doctor.Report, group string) doctor.Check {
	for _, c := range r.Checks {
		if c.Group == group && c.Status == doctor.Failure {
			return c
		}
	}
	return doctor.Check{}
}

// Files of certificates that cannot be used keep the API from being looked at, and nothing else.
func TestCertificateFilesThatAreNone(t *testing.T) {
	_, _, env := tlsOffice(t, nil)
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/nowhere/ca.pem", empty, "-----BEGIN CERTIFICATE-----"} {
		r := doctor.Options{}.RunEnv(t.Context(), append(env, "ADVOWARE_API_TLS_CA_FILE="+path))
		want{"configuration", "ADVOWARE_API_TLS_CA_FILE", doctor.Failure, nil, nil}.in(t, r)
		want{"API", "address", doctor.Skipped, []string{"ADVOWARE_API_TLS_CA_FILE"}, nil}.in(t, r)
		want{"clock", "clock", doctor.OK, nil, nil}.in(t, r)
	}
}
