package apitls_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/certtest"
)

// Errors about a certificate of ours say what to set, and others stay what they are.
func TestExplainOfOurCertificate(t *testing.T) {
	remote := func(text string) error {
		return fmt.Errorf("wrapped: %w", &net.OpError{Op: "remote error", Err: errors.New("tls: " + text)})
	}
	for _, test := range []struct {
		err           error
		without, with string
	}{
		{remote("certificate required"), "host:88 wants a certificate of the client: set ADVOWARE_API_TLS_CERT_FILE and ADVOWARE_API_TLS_KEY_FILE: wrapped", "host:88 wants another certificate than the one in ADVOWARE_API_TLS_CERT_FILE: wrapped"},
		{remote("unknown certificate authority"), "host:88 wants a certificate", "host:88 wants another certificate"},
		{remote("handshake failure"), "host:88 refuses the handshake: it may want a certificate", "host:88 refuses the handshake: it may want another certificate"},
		{errors.New("http2: client conn could not be established"), "host:88 closed the connection at once: it may have wanted a certificate", "host:88 closed the connection at once: it may have wanted another"},
		{remote("internal error"), "", ""},
		{&net.OpError{Op: "dial", Err: errors.New("no certificate")}, "", ""},
		{io.EOF, "", ""},
		{&tls.CertificateVerificationError{Err: io.EOF}, "", ""},
	} {
		for want, cfg := range map[string]apitls.Config{test.without: {}, test.with: {CertFile: "x", KeyFile: "y"}} {
			got := cfg.Explain("host:88", test.err)
			switch {
			case !errors.Is(got, test.err):
				t.Errorf("%v has lost %v", got, test.err)
			case want == "" && got != test.err, !strings.HasPrefix(got.Error(), want):
				t.Errorf("%v is explained as %v, want %s", test.err, got, want)
			}
		}
	}
}

// The certificate of a proxy is not that of the API, and an error is explained once.
func TestExplainOnce(t *testing.T) {
	self := certtest.SelfSigned(t, "self", nil)
	cause := &tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{self.Leaf}, Err: x509.UnknownAuthorityError{Cert: self.Leaf}}
	proxy := &net.OpError{Op: "proxyconnect", Err: cause}
	if got := (apitls.Config{}).Explain("host:88", proxy); got != error(proxy) {
		t.Errorf("that of a proxy is explained as %v", got)
	}
	once := apitls.Config{}.Explain("host:88", fmt.Errorf("wrapped: %w", cause))
	if !errors.As(once, new(*apitls.CertificateError)) || !errors.As(once, new(*tls.CertificateVerificationError)) || !errors.As(once, new(x509.UnknownAuthorityError)) {
		t.Errorf("got %v", once)
	}
	if got := (apitls.Config{}).Explain("other:88", once); got != once {
		t.Errorf("explained again as %v", got)
	}
}

// What a server writes into its certificate is shown on one line, and not at any length.
func TestHostileCertificate(t *testing.T) {
	hostile := certtest.SelfSigned(t, "hostile", func(c *x509.Certificate) {
		c.Subject.CommonName = "x\r\n\x1b[2J" + strings.Repeat("long ", 1000)
		c.DNSNames, c.IPAddresses = nil, nil
		for range 2000 {
			c.DNSNames = append(c.DNSNames, strings.Repeat("a.", 120)+"example")
		}
		c.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	})
	none := certtest.SelfSigned(t, "none", func(c *x509.Certificate) {
		c.Subject.CommonName, c.DNSNames, c.IPAddresses = "", nil, nil
	})
	for _, cert := range []certtest.Certificate{hostile, none} {
		for _, cause := range []error{x509.UnknownAuthorityError{}, x509.HostnameError{Certificate: cert.Leaf, Host: strings.Repeat("h", 9000)}, errors.New(strings.Repeat("e\n", 9000))} {
			err := apitls.Config{}.Explain("host:88", &tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{cert.Leaf}, Err: cause})
			if text := err.Error(); len(text) > 1000 || strings.ContainsAny(text, "\r\n\x1b") {
				t.Errorf("%d bytes: %q", len(text), text)
			}
			var refused *apitls.CertificateError
			if !errors.As(err, &refused) || len(refused.Names) > 20 || len(refused.Issuer)+len(refused.Subject) > 200 {
				t.Errorf("fields of %d bytes", len(fmt.Sprintf("%+v", refused)))
			}
		}
	}
	if text := (&apitls.CertificateError{}).Error(); text == "" {
		t.Error("a zero CertificateError says nothing")
	}
}
