package certtest_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"

	"github.com/advoware-go/advoware/internal/certtest"
)

// What a CA signs is trusted with it, and what signs itself is not; files hold the same.
func TestCertificates(t *testing.T) {
	ca := certtest.NewCA(t)
	own, self := ca.Sign("own", nil), certtest.SelfSigned(t, "self", nil)
	options := x509.VerifyOptions{Roots: ca.Roots(), DNSName: "127.0.0.1"}
	if _, err := own.Leaf.Verify(options); err != nil {
		t.Error(err)
	}
	if _, err := self.Leaf.Verify(options); err == nil {
		t.Error("a self-signed certificate is trusted")
	}
	if own.Pin() == self.Pin() {
		t.Error("two keys have one pin")
	}
	certFile, keyFile := ca.IssueExpired("old")
	for _, c := range []certtest.Certificate{own, self, {CertFile: certFile, KeyFile: keyFile}} {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			t.Fatal(err)
		}
		if c.Leaf != nil && !pair.Leaf.Equal(c.Leaf) {
			t.Error("the files hold another certificate")
		}
		if _, err := pair.Leaf.Verify(options); c.Leaf == nil && err == nil {
			t.Error("an expired certificate is trusted")
		}
	}
}
