package dial

import (
	"crypto/tls"

	"github.com/advoware-go/advoware/internal/certfile"
)

// certificates adds files to the TLS of each connection.
type certificates struct {
	base *tls.Config
	*certfile.Reader
}

// config returns the configuration of one connection.
func (c *certificates) config() (*tls.Config, error) {
	content, err := c.Read()
	if err != nil {
		return nil, err
	}
	fresh := c.base.Clone()
	if content.Roots != nil {
		fresh.RootCAs = content.Roots
	}
	if own := content.Own; own != nil {
		fresh.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	}
	return fresh, nil
}
