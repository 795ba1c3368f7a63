// Package certtest makes certificates for tests: an authority, what it signs, and what
// signs itself.
package certtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Certificate is one with its key, in memory and in files.
type Certificate struct {
	tls.Certificate
	CertFile, KeyFile string // in PEM
}

// CA is a certificate authority for one test.
type CA struct {
	t   testing.TB
	dir string
	own Certificate
}

// NewCA returns one. Its files are removed when the test ends.
func NewCA(t testing.TB) *CA {
	t.Helper()
	ca := &CA{t: t, dir: t.TempDir()}
	ca.own = issue(t, ca.dir, "ca", authority, nil)
	return ca
}

// SelfSigned returns the certificate of a server that signed it itself. Change may change
// what it says; nil changes nothing.
func SelfSigned(t testing.TB, name string, change func(*x509.Certificate)) Certificate {
	t.Helper()
	return issue(t, t.TempDir(), name, func(c *x509.Certificate) { forHost(c); apply(c, change) }, nil)
}

// File returns the path of its own certificate, in PEM.
func (ca *CA) File() string { return ca.own.CertFile }

// Roots returns what trusts it and nothing else.
func (ca *CA) Roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(ca.own.Leaf)
	return roots
}

// Issue makes a certificate for a server or a client on 127.0.0.1 and localhost, and
// returns the paths of it and of its key, in PEM.
func (ca *CA) Issue(name string) (certFile, keyFile string) {
	ca.t.Helper()
	c := ca.Sign(name, nil)
	return c.CertFile, c.KeyFile
}

// IssueExpired is Issue for a certificate that ended a minute ago.
func (ca *CA) IssueExpired(name string) (certFile, keyFile string) {
	ca.t.Helper()
	c := ca.Sign(name, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	return c.CertFile, c.KeyFile
}

// Sign is Issue for a certificate of which change may change what it says.
func (ca *CA) Sign(name string, change func(*x509.Certificate)) Certificate {
	ca.t.Helper()
	return issue(ca.t, ca.dir, name, func(c *x509.Certificate) { forHost(c); apply(c, change) }, &ca.own)
}

// Pin returns the hash of the public key, as a setting has it. It is computed here anew.
func (c Certificate) Pin() string {
	sum := sha256.Sum256(c.Leaf.RawSubjectPublicKeyInfo)
	return "sha256/" + base64.StdEncoding.EncodeToString(sum[:])
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
}

func forHost(c *x509.Certificate) {
	c.KeyUsage = x509.KeyUsageDigitalSignature
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	c.DNSNames = []string{"localhost"}
	c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
}

func apply(c *x509.Certificate, change func(*x509.Certificate)) {
	if change != nil {
		change(c)
	}
}

// issue has a certificate signed by another one, or by itself, and writes it and its key.
func issue(t testing.TB, dir, name string, fill func(*x509.Certificate), by *Certificate) Certificate {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("certtest: %v", err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	must(err)
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, SerialNumber: serial,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	fill(template)
	parent, signer := template, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	must(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	c := Certificate{CertFile: filepath.Join(dir, name+".crt"), KeyFile: filepath.Join(dir, name+".key")}
	must(os.WriteFile(c.CertFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(os.WriteFile(c.KeyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	leaf, err := x509.ParseCertificate(der)
	must(err)
	c.Certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	return c
}
