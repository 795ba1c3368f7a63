package apitls

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"slices"

	"github.com/advoware-go/advoware/internal/certfile"
)

var (
	errPin  = errors.New("the key of the certificate has none of the pins")
	errNone = errors.New("the server showed no certificate")
)

// Verifier makes the TLS configurations for one Config. Its files are read again for each
// connection. Make it with [Open].
type Verifier struct {
	cfg   Config
	files *certfile.Reader
	pins  []string
}

// Open reads the files for the first time. Problems has said what is wrong with them: with
// such a Config no connection is made. Logger hears of a file that cannot be used any more; nil
// means slog.Default().
func Open(c Config, logger *slog.Logger) *Verifier {
	v := &Verifier{cfg: c}
	v.pins, _ = parsePins(c.Pin) // what is no pin fits no certificate
	v.files, _ = certfile.Open(c.files(), Variable)
	logger = cmp.Or(logger, slog.Default())
	v.files.Warn = func(problem error) {
		logger.Warn("API: a certificate file cannot be used, going on with what it was", "error", problem)
	}
	return v
}

// TLS returns the configuration of connections to a host, as net/http has it in a URL. What
// base says besides is kept.
func (v *Verifier) TLS(base *tls.Config, host string) *tls.Config {
	c := new(tls.Config)
	if base != nil {
		c = base.Clone()
	}
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	c.ServerName = v.cfg.ServerName // "" means the host
	c.ClientSessionCache = nil      // a resumed session would go on as whoever our certificate named before
	roots, after := c.RootCAs, c.VerifyConnection
	// crypto/tls would verify by the files as they were. VerifyConnection is called in each
	// handshake, before a client's certificate is sent.
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		err := v.verify(cs, host, roots)
		if err == nil && after != nil {
			err = after(cs)
		}
		return err
	}
	if v.cfg.CertFile != "" {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			content, err := v.files.Read()
			return content.Own, err
		}
	}
	return c
}

// verify accepts a server, or says why not. roots are used without a CA file; nil means the
// system's.
func (v *Verifier) verify(cs tls.ConnectionState, host string, roots *x509.CertPool) error {
	content, err := v.files.Read()
	switch {
	case err != nil:
		return err
	case len(cs.PeerCertificates) == 0:
		return errNone
	}
	// crypto/tls knows the name as it was sent, which an address is not.
	name := cmp.Or(v.cfg.ServerName, cs.ServerName, host)
	if err := v.accept(cs.PeerCertificates, name, cmp.Or(content.Roots, roots)); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: cs.PeerCertificates, Err: err}
	}
	return nil
}

// accept decides. Each setting is a condition. A pin alone takes the place of the chain, of the
// name and of the dates: who has the key is the server, as with DANE-EE (RFC 7671, section 5.1).
func (v *Verifier) accept(chain []*x509.Certificate, name string, roots *x509.CertPool) error {
	leaf := chain[0]
	if len(v.pins) > 0 {
		if !slices.Contains(v.pins, PinOf(leaf)) {
			return errPin
		}
		switch {
		case v.cfg.CAFile != "": // as well
		case v.cfg.ServerName != "":
			return leaf.VerifyHostname(name)
		default:
			return nil
		}
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: name})
	return err
}
