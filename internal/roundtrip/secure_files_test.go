package roundtrip_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// copyOf copies a file to a place where it can be replaced.
func copyOf(t *testing.T, path string) (copied string, replace func(path string)) {
	t.Helper()
	copied = filepath.Join(t.TempDir(), "copy.pem")
	replace = func(path string) {
		t.Helper()
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(copied, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	replace(path)
	return copied, replace
}

// A CA file that is replaced counts for the next connection. One that cannot be used changes
// nothing, and is told of once.
func TestCAFileIsReadForEachConnection(t *testing.T) {
	one, two := certtest.NewCA(t), certtest.NewCA(t)
	s := serveTLS(t, one.Sign("one", nil), nil)
	file, replace := copyOf(t, one.File())
	lines := make(logLines, 100)
	rt := roundtrip.New(roundtrip.Options{API: true, TLS: apitls.Config{CAFile: file}, Logger: slog.New(slog.NewTextHandler(lines, nil))})
	call := func() error {
		t.Helper()
		rt.CloseIdleConnections()
		_, err := ask(rt, s.URL)
		return err
	}
	if err := call(); err != nil {
		t.Fatal(err)
	}
	renewed := two.Sign("two", nil)
	s.cert.Store(&renewed.Certificate)
	if err := call(); !errors.As(err, new(*apitls.CertificateError)) {
		t.Fatalf("with the file as it was: %v", err)
	}
	replace(two.File())
	if err := call(); err != nil {
		t.Fatalf("with the new file: %v", err)
	}
	replace(os.DevNull)
	for range 3 {
		if err := call(); err != nil {
			t.Fatalf("with what it was before: %v", err)
		}
	}
	if line := <-lines; !strings.Contains(line, "ADVOWARE_API_TLS_CA_FILE has no certificate in PEM") {
		t.Errorf("the warning is %s", line)
	}
	if len(lines) > 0 {
		t.Errorf("it is said again: %s", <-lines)
	}
	// Open connections are of use for as long as they are.
	replace(one.File())
	if _, err := ask(rt, s.URL); err != nil {
		t.Error(err)
	}
	if err := call(); !errors.As(err, new(*apitls.CertificateError)) {
		t.Errorf("with a file that does not have it: %v", err)
	}
}

// logLines is a log of which each line is received.
type logLines chan string

func (l logLines) Write(p []byte) (int, error) {
	l <- string(bytes.Clone(p))
	return len(p), nil
}

// The certificate that the client shows is read for each connection too, and given to no
// server that is not accepted.
func TestClientCertificate(t *testing.T) {
	ca, strange := certtest.NewCA(t), certtest.NewCA(t)
	one, two := ca.Sign("one", nil), ca.Sign("two", nil)
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			s := serveTLS(t, ca.Sign("server", nil), func(c *tls.Config) {
				c.MaxVersion, c.ClientAuth, c.ClientCAs = version, tls.RequireAndVerifyClientCert, ca.Roots()
			})
			certFile, replaceCert := copyOf(t, one.CertFile)
			keyFile, replaceKey := copyOf(t, one.KeyFile)
			cfg := apitls.Config{CAFile: ca.File(), CertFile: certFile, KeyFile: keyFile}
			rt := secured(t, cfg)
			for _, cert := range []certtest.Certificate{one, two} {
				replaceCert(cert.CertFile)
				replaceKey(cert.KeyFile)
				rt.CloseIdleConnections()
				if _, err := ask(rt, s.URL); err != nil {
					t.Fatal(err)
				}
				if got := s.client.Load(); !got.Equal(cert.Leaf) {
					t.Errorf("the server saw %v", got.Subject)
				}
			}
			replaceCert(one.CertFile) // its key is to follow
			rt.CloseIdleConnections()
			if _, err := ask(rt, s.URL); err != nil || !s.client.Load().Equal(two.Leaf) {
				t.Errorf("%v, and the server saw %v", err, s.client.Load().Subject)
			}
			calls := s.calls.Load()

			// By TLS 1.3 the reason comes after the handshake, and net/http may not see it any more.
			_, err := ask(secured(t, apitls.Config{CAFile: ca.File()}), s.URL)
			if err == nil || version == tls.VersionTLS12 && !strings.Contains(err.Error(), "a certificate of the client: set ADVOWARE_API_TLS_CERT_FILE and ADVOWARE_API_TLS_KEY_FILE") {
				t.Errorf("without one: %v", err)
			}
			other := strange.Sign("stranger", nil)
			_, err = ask(secured(t, apitls.Config{CAFile: ca.File(), CertFile: other.CertFile, KeyFile: other.KeyFile}), s.URL)
			if err == nil || version == tls.VersionTLS12 && !strings.Contains(err.Error(), "another certificate than the one in ADVOWARE_API_TLS_CERT_FILE") {
				t.Errorf("with a stranger's: %v", err)
			}
			if s.calls.Load() != calls {
				t.Error("a request was served without a certificate")
			}
		})
	}
	shown := make(chan bool, 1)
	s := serveTLS(t, strange.Sign("server", nil), func(c *tls.Config) {
		c.ClientAuth = tls.RequestClientCert
		c.VerifyPeerCertificate = func([][]byte, [][]*x509.Certificate) error { shown <- true; return nil }
	})
	if _, err := ask(secured(t, apitls.Config{CAFile: ca.File(), CertFile: one.CertFile, KeyFile: one.KeyFile}), s.URL); !errors.As(err, new(*apitls.CertificateError)) {
		t.Errorf("got %v", err)
	}
	s.Close()
	if len(shown) > 0 {
		t.Error("a server that is not accepted was shown our certificate")
	}
}

// What a program has set for its own connections, a cache of sessions among it, does not let a
// connection past the settings.
func TestDefaultTransportDecidesNothing(t *testing.T) {
	ca := certtest.NewCA(t)
	good := ca.Sign("good", nil)
	s := serveTLS(t, good, nil)
	was := http.DefaultTransport
	defer func() { http.DefaultTransport = was }()
	changed := was.(*http.Transport).Clone()
	var asked sync.Map
	changed.TLSClientConfig = &tls.Config{
		InsecureSkipVerify: true, ClientSessionCache: tls.NewLRUClientSessionCache(10), MinVersion: tls.VersionTLS10, ServerName: "else.example",
		VerifyConnection: func(cs tls.ConnectionState) error { asked.Store(cs.ServerName, true); return nil },
	}
	http.DefaultTransport = changed
	url := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	for range 3 {
		rt := secured(t, apitls.Config{Pin: good.Pin()})
		for range 2 {
			if _, err := ask(rt, url); err != nil {
				t.Fatal(err)
			}
			rt.CloseIdleConnections()
		}
		if _, err := ask(secured(t, apitls.Config{Pin: certtest.SelfSigned(t, "x", nil).Pin()}), url); !errors.As(err, new(*apitls.CertificateError)) {
			t.Errorf("with another pin: %v", err)
		}
	}
	if n := s.resumed.Load(); n > 0 {
		t.Errorf("%d sessions were resumed", n)
	}
	if _, ok := asked.Load("localhost"); !ok {
		t.Error("the program's own check is not made")
	}
}

// A program that verifies nothing itself does not decide so for the gateway and the API. One that
// does it in its own way is left alone.
func TestServersAreVerified(t *testing.T) {
	s := serveTLS(t, certtest.SelfSigned(t, "self", nil), nil)
	was := http.DefaultTransport
	defer func() { http.DefaultTransport = was }()
	changed := was.(*http.Transport).Clone()
	http.DefaultTransport = changed
	theirs := &tls.Config{InsecureSkipVerify: true}
	changed.TLSClientConfig = theirs
	for _, o := range []roundtrip.Options{{}, {Once: true}, {API: true}, {AllowInsecure: true}, {API: true, TLS: apitls.Config{ServerName: "localhost"}}} {
		if _, err := ask(roundtrip.New(o), s.URL); !errors.As(err, new(*tls.CertificateVerificationError)) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if !theirs.InsecureSkipVerify {
		t.Error("the program's own configuration was changed")
	}
	changed.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(tls.ConnectionState) error { return nil }}
	if _, err := ask(roundtrip.New(roundtrip.Options{}), s.URL); err != nil {
		t.Error(err)
	}
}

// A server that speaks nothing newer than TLS 1.1 is refused.
func TestOldTLS(t *testing.T) {
	own := certtest.SelfSigned(t, "self", nil)
	s := serveTLS(t, own, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	if _, err := ask(secured(t, apitls.Config{Pin: own.Pin()}), s.URL); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("got %v", err)
	}
}
