package advoware_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/certtest"
)

// connector is an office's own server, with a certificate of its own, in front of the fake.
type connector struct {
	*httptest.Server
	handshakes atomic.Int32
}

func startConnector(t *testing.T, fake *clienttest.Server, cert certtest.Certificate, change func(*tls.Config)) *connector {
	t.Helper()
	to, err := url.Parse(fake.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	s := new(connector)
	s.Server = httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(to))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert.Certificate}}
	if change != nil {
		change(s.TLS)
	}
	s.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { s.handshakes.Add(1); return nil, nil }
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// An office with a certificate of its own is reached by each of the settings, from the
// environment and in code, while its gateway is under none of them.
func TestConnector(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	ca := certtest.NewCA(t)
	own, mine := ca.Sign("connector", nil), ca.Sign("mine", nil)
	s := startConnector(t, fake, own, func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, ca.Roots() })
	strict := startConnector(t, fake, own, func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, ca.Roots() })
	for name, test := range map[string]struct {
		at   *connector
		vars []string
	}{
		"a CA file":            {s, []string{"ADVOWARE_API_TLS_CA_FILE=" + ca.File()}},
		"a CA file and a name": {s, []string{"ADVOWARE_API_TLS_CA_FILE= '" + ca.File() + "' ", "ADVOWARE_API_TLS_SERVER_NAME= localhost\n"}},
		"a pin":                {s, []string{`ADVOWARE_API_TLS_PIN="` + mine.Pin() + ", " + own.Pin() + `"`}},
		"a client certificate": {strict, []string{"ADVOWARE_API_TLS_PIN=" + own.Pin(), "ADVOWARE_API_TLS_CERT_FILE=" + mine.CertFile, "ADVOWARE_API_TLS_KEY_FILE=" + mine.KeyFile}},
	} {
		t.Run(name, func(t *testing.T) {
			vars := required()
			for _, pair := range append(append(fake.Env(), "ADVOWARE_API_BASE_URL="+test.at.URL), test.vars...) {
				name, value, _ := strings.Cut(pair, "=")
				vars[name] = value
			}
			cfg, err := read(vars, advoware.StoreMemory)
			if err != nil {
				t.Fatal(err)
			}
			mustCall(t, open(t, cfg))
			again := config(t, fake, nil)
			again.BaseURL, again.Store, again.APITLS = test.at.URL, advoware.StoreMemory, cfg.APITLS
			mustCall(t, open(t, again))
		})
	}
}

// Without settings the first call of a user says what the office shows, and what to set; so it
// is on shared stores.
func TestConnectorWithoutSettings(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	own := certtest.SelfSigned(t, "kanzlei-srv", nil)
	s := startConnector(t, fake, own, nil)
	cfg := config(t, fake, nil)
	cfg.BaseURL, cfg.Store = s.URL, advoware.StoreMemory
	stores, err := advoware.OpenStores(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	shared := cfg
	shared.Shared = stores
	for _, cfg := range []advoware.Config{cfg, shared} {
		_, err := open(t, cfg).Call(t.Context(), client.Request{Method: "POST", Endpoint: "/employees", Body: 1})
		var refused *client.CertificateError
		if !errors.As(err, &refused) || !errors.Is(err, client.ErrNotSent) || refused.Pin != own.Pin() {
			t.Fatalf("got %v", err)
		}
		want := "client: POST /employees: the certificate of " + s.Listener.Addr().String() + " is signed by nobody but itself (it is for localhost, 127.0.0.1, issued by CN=kanzlei-srv, valid until " +
			own.Leaf.NotAfter.Format("2006-01-02 15:04 UTC") + ", pin " + own.Pin() + "): set ADVOWARE_API_TLS_CA_FILE to a file with this very certificate; or, if the office confirms the pin, set ADVOWARE_API_TLS_PIN to it (it was not sent)"
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Error(diff)
		}
	}
}

// Clients on one Stores share connections if they have the same settings, and never when they
// have others: the pin of one opens nothing to another.
func TestSharedStoresKeepSettingsApart(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	ca := certtest.NewCA(t)
	own, mine := ca.Sign("connector", nil), ca.Sign("mine", nil)
	s := startConnector(t, fake, own, nil)
	base := config(t, fake, nil)
	base.BaseURL, base.Store = s.URL, advoware.StoreMemory
	stores, err := advoware.OpenStores(base)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Close()
	base.Shared = stores
	call := func(i int, settings client.TLS) error {
		cfg := kanzlei(t, fake, base, i)
		cfg.APITLS, cfg.Logger = settings, slog.New(slog.DiscardHandler)
		_, err := open(t, cfg).Call(t.Context(), client.Request{Endpoint: "/employees"})
		return err
	}
	for i, settings := range []client.TLS{
		{Pin: own.Pin()}, {CAFile: ca.File()}, {Pin: mine.Pin() + "," + own.Pin()}, {Pin: own.Pin(), CertFile: mine.CertFile, KeyFile: mine.KeyFile},
	} {
		for j := range 3 {
			if err := call(10*i+j, settings); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.handshakes.Load(); n != int32(i+1) {
			t.Errorf("%d connections of clients with %d settings", n, i+1)
		}
	}
	for i, settings := range []client.TLS{{}, {Pin: mine.Pin()}, {CAFile: mine.CertFile}, {ServerName: "localhost"}} {
		if err := call(100+i, settings); !errors.As(err, new(*client.CertificateError)) {
			t.Errorf("%+v: %v", settings, err)
		}
	}
}

// What another setting makes void is an error that names both, in code and in the environment.
func TestNoAPITLSSettingIsVoid(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	ca := certtest.NewCA(t)
	own := ca.Sign("own", nil)
	cfg := config(t, fake, nil)
	cfg.Store, cfg.APITLS = advoware.StoreMemory, client.TLS{CAFile: ca.File(), Pin: own.Pin()}
	check := func(err error, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v does not say %q", err, want)
			}
		}
	}
	_, err := advoware.New(cfg) // the fake is at http://127.0.0.1
	check(err, "APITLS.CAFile has no effect with BaseURL", "APITLS.Pin has no effect with BaseURL")
	cfg.BaseURL, cfg.Transport = "https://connector.example:88", fake.Transport()
	_, err = advoware.New(cfg)
	check(err, "APITLS.CAFile has no effect with Transport", "APITLS.Pin has no effect with Transport")
	cfg.Transport, cfg.GatewayTransport = nil, fake.Transport()
	_ = open(t, cfg) // which is another leg

	vars := required()
	vars["ADVOWARE_API_BASE_URL"], vars["ADVOWARE_API_TLS_PIN"] = "http://localhost:1", own.Pin()
	_, err = read(vars, advoware.StoreMemory)
	check(err, "ADVOWARE_API_TLS_PIN has no effect with ADVOWARE_API_BASE_URL")
	vars["ADVOWARE_API_BASE_URL"] = ""
	if _, err = read(vars, advoware.StoreMemory); err != nil {
		t.Error(err)
	}
}

// All that is wrong is said at once, by the names of variables, and nothing of what they or
// their files hold.
func TestAPITLSVariablesAreChecked(t *testing.T) {
	own, other := certtest.SelfSigned(t, "own", nil), certtest.SelfSigned(t, "other", nil)
	text, err := os.ReadFile(own.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Split(string(text), "\n")[1]
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte("-----BEGIN "+line+"-----\n"+line+"\n-----END "+line+"-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		vars map[string]string
		want string // the variables, in the order of the error
	}{
		"a missing file":      {map[string]string{"CA_FILE": "/nowhere/" + line[:20]}, "CA_FILE"},
		"junk":                {map[string]string{"CA_FILE": junk, "CERT_FILE": junk, "KEY_FILE": junk}, "CA_FILE CERT_FILE KEY_FILE"},
		"texts":               {map[string]string{"CA_FILE": string(text), "CERT_FILE": string(text), "KEY_FILE": string(text)}, "CA_FILE CERT_FILE KEY_FILE"},
		"a key as a path":     {map[string]string{"KEY_FILE": line, "CERT_FILE": own.CertFile}, "KEY_FILE"},
		"another's key":       {map[string]string{"KEY_FILE": other.KeyFile, "CERT_FILE": own.CertFile}, "KEY_FILE"},
		"one of the two":      {map[string]string{"KEY_FILE": own.KeyFile}, "CERT_FILE"},
		"the other":           {map[string]string{"CERT_FILE": own.CertFile}, "KEY_FILE"},
		"a name and a pin":    {map[string]string{"SERVER_NAME": "https://" + line[:20], "PIN": line}, "SERVER_NAME PIN"},
		"a pin of two":        {map[string]string{"PIN": own.Pin() + "," + line}, "PIN"},
		"a pin as curl does":  {map[string]string{"PIN": strings.Replace(own.Pin(), "/", "//", 1)}, "PIN"},
		"everything is wrong": {map[string]string{"CA_FILE": junk, "SERVER_NAME": "a:b:c:d", "CERT_FILE": own.KeyFile, "KEY_FILE": own.CertFile, "PIN": ","}, "SERVER_NAME PIN CA_FILE CERT_FILE KEY_FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			vars := required()
			for name, value := range test.vars {
				vars["ADVOWARE_API_TLS_"+name] = value
			}
			_, err := read(vars, advoware.StoreMemory)
			var found *advoware.EnvError
			if !errors.As(err, &found) {
				t.Fatalf("got %v", err)
			}
			var names []string
			for _, p := range found.Problems {
				names = append(names, strings.TrimPrefix(p.Variable, "ADVOWARE_API_TLS_"))
			}
			if diff := cmp.Diff(test.want, strings.Join(names, " ")); diff != "" {
				t.Errorf("%s\n%v", diff, err)
			}
			if strings.Contains(err.Error(), line[:20]) {
				t.Errorf("it shows what is set: %v", err)
			}
		})
	}
}
