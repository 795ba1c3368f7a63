package apitls

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/advoware-go/advoware/internal/certfile"
	"github.com/advoware-go/advoware/internal/redact"
)

const (
	maxNames = 20 // of a certificate, in an error
	maxShown = 3  // of these, in its text
	maxName  = 80 // bytes
)

// CertificateError is a certificate of the API that was not accepted. Nothing was sent. What
// it has of the certificate was written by the server, or by whoever answers in its place.
type CertificateError struct {
	// Host is the host and port that were dialled.
	Host string
	// Names are those that the certificate is for, DNS names and IP addresses, its common
	// name if there are none; 20 at most.
	Names []string
	// Issuer is who signed it, Subject whom it names.
	Issuer, Subject string
	// NotBefore and NotAfter are the dates between which it is valid.
	NotBefore, NotAfter time.Time
	// Pin is that of its key, in the form of ADVOWARE_API_TLS_PIN.
	Pin string
	// Err is why it was not accepted, a *tls.CertificateVerificationError around one of the
	// errors of crypto/x509 or that of a pin.
	Err error

	why, hint string
}

// Explain returns err, or a CertificateError if it is about the certificate of a host. That of a
// proxy on the way to it is not the host's.
func (c Config) Explain(host string, err error) error {
	var (
		refused *tls.CertificateVerificationError
		known   *CertificateError
		op      *net.OpError
	)
	onTheWay := errors.As(err, &op) && op.Op == "proxyconnect"
	switch {
	case onTheWay || errors.As(err, &known):
		return err
	case errors.As(err, &refused) && len(refused.UnverifiedCertificates) > 0:
		return c.refused(host, refused)
	case op != nil && op.Op == "remote error" && op.Err != nil && strings.Contains(op.Err.Error(), "certificate"):
		return c.ours(host, err)
	}
	return err
}

func (c Config) refused(host string, err *tls.CertificateVerificationError) error {
	leaf := err.UnverifiedCertificates[0]
	e := &CertificateError{
		Host: host, Names: namesOf(leaf), Issuer: shown(leaf.Issuer.String()), Subject: shown(leaf.Subject.String()),
		NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, Pin: PinOf(leaf), Err: err,
	}
	e.why, e.hint = c.advice(leaf, err.Err)
	return e
}

// ours returns the error of a server that does not accept our certificate.
func (c Config) ours(host string, err error) error {
	if c.CertFile == "" {
		return fmt.Errorf("%s requires a certificate of the client: set %s and %s: %w", host, Variable(certfile.CertFile), Variable(certfile.KeyFile), err)
	}
	return fmt.Errorf("%s does not accept the certificate in %s: %w", host, Variable(certfile.CertFile), err)
}

// namesOf returns what a certificate is for.
func namesOf(cert *x509.Certificate) []string {
	names := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 && cert.Subject.CommonName != "" {
		names = []string{cert.Subject.CommonName}
	}
	names = names[:min(len(names), maxNames)]
	for i := range names {
		names[i] = shown(names[i])
	}
	return names
}

func shown(text string) string { return redact.OneLine(text, maxName) }

// Error says which host, what it showed, and what to set.
func (e *CertificateError) Error() string {
	return fmt.Sprintf("the certificate of %s %s (it is for %s, issued by %s, valid until %s, pin %s): %s",
		e.Host, e.why, e.names(), cmp.Or(e.Issuer, "nobody"), e.NotAfter.UTC().Format(dates), e.Pin, e.hint)
}

const dates = "2006-01-02 15:04 MST"

// Unwrap returns Err.
func (e *CertificateError) Unwrap() error { return e.Err }

func (e *CertificateError) names() string {
	text := strings.Join(e.Names[:min(len(e.Names), maxShown)], ", ")
	if len(e.Names) > maxShown {
		text += " and others"
	}
	return cmp.Or(text, "no name")
}
