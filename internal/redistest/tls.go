package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA is a certificate authority for one test.
type CA struct {
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewCA returns one. Its files are removed when the test ends.
func NewCA(t testing.TB) *CA {
	t.Helper()
	ca := &CA{t: t, dir: t.TempDir()}
	ca.cert, ca.key = ca.issue("ca", &x509.Certificate{
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	return ca
}

// File returns the path of its own certificate, in PEM.
func (ca *CA) File() string { return ca.path("ca.crt") }

// Issue makes a certificate for a server or a client on 127.0.0.1 and localhost, and
// returns the paths of it and of its key, in PEM.
func (ca *CA) Issue(name string) (certFile, keyFile string) {
	ca.t.Helper()
	return ca.issueUntil(name, time.Now().Add(24*time.Hour))
}

// IssueExpired is Issue for a certificate that ended a minute ago.
func (ca *CA) IssueExpired(name string) (certFile, keyFile string) {
	ca.t.Helper()
	return ca.issueUntil(name, time.Now().Add(-time.Minute))
}

func (ca *CA) issueUntil(name string, end time.Time) (certFile, keyFile string) {
	ca.t.Helper()
	ca.issue(name, &x509.Certificate{
		NotAfter:    end,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, ca.cert, ca.key)
	return ca.path(name + ".crt"), ca.path(name + ".key")
}

// StartTLS is Start for a server that speaks nothing but TLS, and only with clients
// that have a certificate of ca.
func StartTLS(t testing.TB, ca *CA, args ...string) *Server {
	t.Helper()
	certFile, keyFile := ca.Issue("server")
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	return start(t, &Server{
		port: "--tls-port",
		tls:  &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}, ServerName: "127.0.0.1"},
		args: append([]string{
			"--port", "0", "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
			"--tls-ca-cert-file", ca.File(), "--tls-cert-file", certFile, "--tls-key-file", keyFile,
		}, args...),
	})
}

func (ca *CA) path(file string) string { return filepath.Join(ca.dir, file) }

// issue fills in a certificate, has it signed (by itself without a parent), and
// writes it and its key.
func (ca *CA) issue(name string, c, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	ca.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ca.must(err)
	c.Subject = pkix.Name{CommonName: name}
	c.NotBefore = time.Now().Add(-time.Hour)
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(24 * time.Hour)
	}
	c.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62))
	ca.must(err)
	if parent == nil {
		parent, parentKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), parentKey)
	ca.must(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	ca.must(err)
	ca.write(name+".crt", "CERTIFICATE", der)
	ca.write(name+".key", "PRIVATE KEY", keyDER)
	cert, err := x509.ParseCertificate(der)
	ca.must(err)
	return cert, key
}

func (ca *CA) write(file, kind string, der []byte) {
	ca.t.Helper()
	ca.must(os.WriteFile(ca.path(file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func (ca *CA) must(err error) {
	ca.t.Helper()
	if err != nil {
		ca.t.Fatalf("redistest: %v", err)
	}
}
