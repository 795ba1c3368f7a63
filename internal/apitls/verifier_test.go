package apitls_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/certtest"
)

// serve is a server of TLS that says a word to each client.
func serve(t *testing.T, cert certtest.Certificate, version uint16) (addr string) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert.Certificate}, MaxVersion: version})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "word")
			_ = c.Close()
		}
	})
	return l.Addr().String()
}

// dial makes a handshake, and reads so that a session is kept.
func dial(addr string, c *tls.Config) (resumed bool, err error) {
	raw, err := net.Dial("tcp", addr)
	if err != nil {
		return false, err
	}
	c.ServerName = "localhost"
	conn := tls.Client(raw, c)
	defer raw.Close()
	if err := conn.Handshake(); err != nil {
		return false, err
	}
	_, err = io.ReadAll(conn)
	return conn.ConnectionState().DidResume, err
}

// Sessions are not resumed. If they were, each would be checked as a new one is.
func TestResumption(t *testing.T) {
	ca, strange := certtest.NewCA(t), certtest.NewCA(t)
	own := ca.Sign("own", nil)
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, own, version)
			cache := tls.NewLRUClientSessionCache(10)
			config := func(c apitls.Config) *tls.Config {
				return apitls.Open(c, nil).TLS(&tls.Config{ClientSessionCache: cache}, "localhost")
			}
			for range 2 {
				if resumed, err := dial(addr, config(apitls.Config{Pin: own.Pin()})); resumed || err != nil {
					t.Errorf("resumed %v, %v", resumed, err)
				}
			}
			kept := func(c apitls.Config) *tls.Config {
				with := config(c)
				with.ClientSessionCache = cache
				return with
			}
			for i := range 2 {
				if resumed, err := dial(addr, kept(apitls.Config{Pin: own.Pin()})); resumed != (i == 1) || err != nil {
					t.Errorf("resumed %v, %v", resumed, err)
				}
			}
			for _, c := range []apitls.Config{{Pin: opensslPin}, {CAFile: strange.File()}, {CAFile: ca.File(), ServerName: "connector.example"}} {
				_, err := dial(addr, kept(c))
				var refused *tls.CertificateVerificationError
				if !errors.As(err, &refused) || !refused.UnverifiedCertificates[0].Equal(own.Leaf) {
					t.Errorf("with %+v: %v", c, err)
				}
			}
		})
	}
}

// What a program has set for its own connections is kept, if it is stricter.
func TestBaseIsKept(t *testing.T) {
	own := certtest.SelfSigned(t, "own", nil)
	base := &tls.Config{MinVersion: tls.VersionTLS13, VerifyConnection: func(tls.ConnectionState) error { return io.ErrShortWrite }}
	c := apitls.Open(apitls.Config{Pin: own.Pin()}, nil).TLS(base, "localhost")
	if _, err := dial(serve(t, own, tls.VersionTLS13), c); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("its own check: %v", err)
	}
	if _, err := dial(serve(t, own, tls.VersionTLS12), c); err == nil {
		t.Error("TLS 1.2 is spoken, where a program wants 1.3")
	}
	if base.InsecureSkipVerify || base.ServerName != "" {
		t.Error("the program's own configuration was changed")
	}
	// Its authorities count without a CA file.
	ca := certtest.NewCA(t)
	signed := ca.Sign("signed", nil)
	for _, c := range []*tls.Config{
		apitls.Open(apitls.Config{ServerName: "localhost"}, nil).TLS(&tls.Config{RootCAs: ca.Roots()}, "x"),
		apitls.Open(apitls.Config{ServerName: "localhost", CAFile: ca.File()}, nil).TLS(&tls.Config{RootCAs: x509.NewCertPool()}, "x"),
	} {
		if _, err := dial(serve(t, signed, tls.VersionTLS13), c); err != nil {
			t.Error(err)
		}
	}
}

// Without its files no connection is made.
func TestFilesThatCouldNeverBeUsed(t *testing.T) {
	own := certtest.SelfSigned(t, "own", nil)
	addr := serve(t, own, tls.VersionTLS13)
	c := apitls.Open(apitls.Config{CAFile: "/nowhere", Pin: own.Pin()}, nil).TLS(nil, "localhost")
	if _, err := dial(addr, c); err == nil || err.Error() != "ADVOWARE_API_TLS_CA_FILE cannot be read: no such file or directory" {
		t.Errorf("got %v", err)
	}
}
