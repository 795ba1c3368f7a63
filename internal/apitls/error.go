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
	case ClosedAtOnce(err):
		return c.ours(host, "closed the connection at once: it may have wanted", err)
	case op == nil || op.Op != "remote error":
	case strings.Contains(op.Err.Error(), "certificate"):
		return c.ours(host, "wants", err)
	case strings.Contains(op.Err.Error(), "handshake failure"): // servers by TLS 1.2, for any reason
		return c.ours(host, "refuses the handshake: it may want", err)
	}
	return err
}

// ClosedAtOnce reports whether a server closed an HTTP/2 connection after the handshake, and
// before a request was sent. By TLS 1.3 it looks at our certificate only then, and net/http may
// not see its reason any more.
func ClosedAtOnce(err error) bool {
	return strings.HasSuffix(err.Error(), "http2: client conn could not be established")
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

// ours returns the error of a server that wants another certificate of ours, or one at all.
func (c Config) ours(host, wants string, err error) error {
	if c.CertFile == "" {
		return fmt.Errorf("%s %s a certificate of the client: set %s and %s: %w", host, wants, Variable(certfile.CertFile), Variable(certfile.KeyFile), err)
	}
	return fmt.Errorf("%s %s another certificate than the one in %s: %w", host, wants, Variable(certfile.CertFile), err)
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
func (e *CertificateError) Error() string { return e.Problem() + ": " + e.Advice() }

// Problem says which host, and what it showed.
func (e *CertificateError) Problem() string {
	return fmt.Sprintf("the certificate of %s %s (it is for %s, issued by %s, valid until %s, pin %s)",
		e.Host, e.why, e.names(), cmp.Or(e.Issuer, "nobody"), e.NotAfter.UTC().Format(dates), e.Pin)
}

// Advice says what to set, or whom to ask.
func (e *CertificateError) Advice() string { return e.hint }

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
