package client_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/internal/certtest"
)

// tlsAPI is an API that records what it is sent.
type tlsAPI struct {
	*httptest.Server
	mu      sync.Mutex
	bearers []string
}

func serveTLS(t *testing.T, cert certtest.Certificate) *tlsAPI {
	t.Helper()
	s := new(tlsAPI)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.bearers = append(s.bearers, r.Header.Get("Authorization"))
		s.mu.Unlock()
		_, _ = io.WriteString(w, "[1]")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.EnableHTTP2, s.TLS = true, &tls.Config{Certificates: []tls.Certificate{cert.Certificate}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *tlsAPI) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bearers
}

func withTLS(t *testing.T, url string, c client.TLS) *client.Client {
	t.Helper()
	made, err := client.New(client.Config{BaseURL: url, Source: newSource(t, "tok-1"), TLS: c, Logger: new(logs).logger()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = made.Close() })
	return made
}

// A certificate that is not accepted is a CertificateError whichever way a request is made,
// with and without settings. Nothing was sent.
func TestCertificateError(t *testing.T) {
	self, other := certtest.SelfSigned(t, "kanzlei-srv", nil), certtest.SelfSigned(t, "other", nil)
	s := serveTLS(t, self)
	addr := s.Listener.Addr().String()
	for name, test := range map[string]struct {
		cfg  client.TLS
		want string
	}{
		"no settings": {client.TLS{}, "is signed by nobody but itself"},
		"another pin": {client.TLS{Pin: other.Pin()}, "has another key than ADVOWARE_API_TLS_PIN says"},
		"another CA":  {client.TLS{CAFile: other.CertFile}, "is signed by nobody but itself"},
	} {
		for how, do := range routes {
			if how == "foreign" {
				continue
			}
			t.Run(name+"/"+how, func(t *testing.T) {
				err := do(withTLS(t, s.URL, test.cfg), s.URL+"/x?a=secret")
				var refused *client.CertificateError
				if !errors.As(err, &refused) || !errors.Is(err, client.ErrNotSent) || !errors.As(err, new(*tls.CertificateVerificationError)) {
					t.Fatalf("got %v", err)
				}
				if refused.Host != addr || refused.Pin != self.Pin() || refused.Issuer != "CN=kanzlei-srv" || refused.Subject != "CN=kanzlei-srv" ||
					strings.Join(refused.Names, " ") != "localhost 127.0.0.1" || !refused.NotAfter.Equal(self.Leaf.NotAfter) || refused.NotBefore.IsZero() {
					t.Errorf("fields %+v", refused)
				}
				text := err.Error()
				for _, want := range []string{test.want, addr, self.Pin(), "CN=kanzlei-srv", "ADVOWARE_API_TLS_"} {
					if !strings.Contains(text, want) {
						t.Errorf("%s does not say %q", text, want)
					}
				}
				var call *client.CallError
				if errors.As(err, &call) && call.Sent {
					t.Errorf("it says that it was sent: %v", err)
				}
				if strings.HasSuffix(text, "…") || strings.Contains(text, "tok-1") {
					t.Errorf("cut, or with the token: %s", text)
				}
			})
		}
	}
	if seen := s.seen(); len(seen) > 0 {
		t.Errorf("the server got %q", seen)
	}
}

// With the right settings each way works, by HTTP/2, and what goes to other servers is not
// under them: neither a pin nor a CA file of the API opens or closes those.
func TestSettingsAreForTheAPIOnly(t *testing.T) {
	ca := certtest.NewCA(t)
	s := serveTLS(t, ca.Sign("api", nil))
	roots := ca.Roots()
	was := http.DefaultTransport
	defer func() { http.DefaultTransport = was }()
	for name, test := range map[string]struct {
		cfg     client.TLS
		trusted bool // by the system
	}{
		"CA file, a system that trusts nothing": {client.TLS{CAFile: ca.File()}, false},
		"pin, a system that trusts it":          {client.TLS{Pin: ca.Sign("x", nil).Pin()}, true},
	} {
		t.Run(name, func(t *testing.T) {
			changed := was.(*http.Transport).Clone()
			changed.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
			if test.trusted {
				changed.TLSClientConfig.RootCAs = roots
			}
			http.DefaultTransport = changed
			c := withTLS(t, s.URL, test.cfg)
			for how, do := range routes {
				err := do(c, s.URL)
				if works := how == "foreign" == test.trusted; (err == nil) != works {
					t.Errorf("%s: %v", how, err)
				}
				if how == "foreign" && err != nil && (errors.As(err, new(*client.CertificateError)) || strings.Contains(err.Error(), "ADVOWARE")) {
					t.Errorf("another server is told of as the API: %v", err)
				}
			}
		})
	}
	for _, bearer := range s.seen() {
		if bearer != "Bearer tok-1" && bearer != "" {
			t.Errorf("sent %q", bearer)
		}
	}
	if len(s.seen()) == 0 {
		t.Error("no call was made")
	}
}

// A Transport by itself says what is wrong with a certificate, too.
func TestCertificateErrorOfATransport(t *testing.T) {
	s := serveTLS(t, certtest.SelfSigned(t, "self", nil))
	c := withTLS(t, s.URL, client.TLS{})
	req, _ := http.NewRequest("GET", s.URL, nil)
	_, err := (&client.Transport{Source: c.Source(), Origin: req.URL}).RoundTrip(req)
	if !errors.As(err, new(*client.CertificateError)) || !errors.Is(err, client.ErrNotSent) {
		t.Errorf("got %v", err)
	}
}

// What is wrong with the settings is said by New, all at once, by the names of the fields, and
// without what files and fields hold.
func TestTLSSettingsAreChecked(t *testing.T) {
	const canary = "CANARY"
	ca := certtest.NewCA(t)
	own, other := ca.Sign("own", nil), ca.Sign("other", nil)
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte("-----BEGIN "+canary+"-----\n"+canary+"\n-----END "+canary+"-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(own.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	keyText := strings.Split(string(key), "\n")[1]
	finder, err := discovery.New(discovery.Config{Kanzlei: "kanzlei", BaseURL: discoveryBase, TokenURL: "https://security.advo-net.net/api/v1/Token"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*client.Config)
		want   []string
	}{
		"all at once": {func(c *client.Config) {
			c.BaseURL, c.TLS = "://", client.TLS{CAFile: junk, ServerName: canary + ":88", CertFile: own.CertFile, KeyFile: other.KeyFile, Pin: canary}
		}, []string{"client: BaseURL", "client: TLS.CAFile has no certificate", "client: TLS.ServerName is not", "client: TLS.KeyFile does not have the key of the first certificate in TLS.CertFile", "client: TLS.Pin number 1 of 1 is without"}},
		"a key only":            {func(c *client.Config) { c.TLS.KeyFile = own.KeyFile }, []string{"client: TLS.CertFile is missing: it belongs to TLS.KeyFile"}},
		"a certificate only":    {func(c *client.Config) { c.TLS.CertFile = own.CertFile }, []string{"client: TLS.KeyFile is missing: it belongs to TLS.CertFile"}},
		"a key instead of path": {func(c *client.Config) { c.TLS.CertFile, c.TLS.KeyFile = own.CertFile, string(key) }, []string{"client: TLS.KeyFile is PEM text"}},
		"a key as a pin":        {func(c *client.Config) { c.TLS.Pin = string(key) }, []string{"client: TLS.Pin number 1 of"}},
		"a key as a name":       {func(c *client.Config) { c.TLS.ServerName = string(key) }, []string{"client: TLS.ServerName is not the name"}},
		"its line as a path":    {func(c *client.Config) { c.TLS.CAFile = keyText }, []string{"client: TLS.CAFile cannot be read"}},
		"with a Base":           {func(c *client.Config) { c.TLS.Pin, c.Base = own.Pin(), http.DefaultTransport }, []string{"client: TLS.Pin has no effect with Base"}},
		"with http":             {func(c *client.Config) { c.TLS.CAFile, c.BaseURL = ca.File(), "http://localhost:1" }, []string{"client: TLS.CAFile has no effect with BaseURL"}},
		"with http, to be discovered": {func(c *client.Config) {
			c.TLS.CAFile, c.BaseURL, c.Discovery = ca.File(), "http://localhost:1", finder
		}, nil},
		"all right": {func(c *client.Config) { c.TLS.CAFile, c.TLS.Pin = ca.File(), own.Pin()+","+other.Pin() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := client.Config{Source: newSource(t, "tok-1")}
			test.change(&cfg)
			c, err := client.New(cfg)
			if test.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				_ = c.Close()
				return
			}
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, canary) || strings.Contains(text, keyText) || strings.Contains(text, keyText[:20]) {
				t.Errorf("it shows what is set: %s", text)
			}
		})
	}
}
