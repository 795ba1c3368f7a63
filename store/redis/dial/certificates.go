package dial

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/advoware-go/advoware/internal/bounded"
)

// certificates are the files for TLS. They are read for each connection, because they are
// replaced while processes run.
type certificates struct {
	base          *tls.Config
	ca, cert, key string // paths, "" for none
	name          func(field string) string
	logger        *slog.Logger

	mu     sync.Mutex
	good   *tls.Config // the last one for which all files could be used
	warned string      // the problem that was logged last
}

// config returns the configuration of one connection. If a file cannot be used at present,
// that is the last good one.
func (c *certificates) config() (*tls.Config, error) {
	fresh, problems := c.read()
	c.mu.Lock()
	if len(problems) == 0 {
		c.good, c.warned = fresh, ""
		c.mu.Unlock()
		return fresh, nil
	}
	err := joined(problems.named(c.name)[:1], c.name)
	good, warn := c.good, c.warned != err.Error()
	c.warned = err.Error()
	c.mu.Unlock()
	if good == nil {
		return nil, err
	}
	if warn {
		bounded.Run(func() {
			c.logger.Warn("Redis: a certificate file cannot be used, going on with what it was", "error", err)
		})
	}
	return good, nil
}

// read returns the configuration from the files. The problems do not quote the paths, because
// a key may have been set in place of a path.
func (c *certificates) read() (*tls.Config, problems) {
	var found problems
	fresh := c.base.Clone()
	if c.ca != "" {
		text, err := readFile(c.ca)
		fresh.RootCAs = x509.NewCertPool()
		switch {
		case err != nil:
			found.add(true, "CAFile", "cannot be read: "+err.Error())
		case !fresh.RootCAs.AppendCertsFromPEM(text):
			found.add(true, "CAFile", "has no certificate in PEM")
		default:
			found.add(cut(text), "CAFile", "ends in the middle of a certificate")
		}
	}
	if c.cert == "" {
		return fresh, found
	}
	certText, certErr := readFile(c.cert)
	keyText, keyErr := readFile(c.key)
	if certErr != nil {
		found.add(true, "CertFile", "cannot be read: "+certErr.Error())
	}
	if keyErr != nil {
		found.add(true, "KeyFile", "cannot be read: "+keyErr.Error())
	}
	if certErr != nil || keyErr != nil {
		return fresh, found
	}
	pair, err := tls.X509KeyPair(certText, keyText)
	if err != nil {
		field, other := "CertFile", "Config.KeyFile"
		if block, _ := pem.Decode(certText); block != nil && block.Type == "CERTIFICATE" {
			field, other = "KeyFile", "Config.CertFile"
		}
		found.add(true, field, "cannot be used with "+other+": "+err.Error())
	}
	fresh.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	return fresh, found
}

// readFile is os.ReadFile without the path in its error.
func readFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return text, err
}

// cut reports whether a text ends before its last PEM block does.
func cut(text []byte) bool {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return bytes.Contains(text, []byte("-----BEGIN"))
		}
		text = rest
	}
}
