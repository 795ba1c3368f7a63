package redistest

import (
	"crypto/tls"
	"testing"

	"github.com/advoware-go/advoware/internal/certtest"
)

// CA is a certificate authority for one test.
type CA = certtest.CA

// NewCA returns one. Its files are removed when the test ends.
func NewCA(t testing.TB) *CA { return certtest.NewCA(t) }

// StartTLS is Start for a server that speaks nothing but TLS, and only with clients
// that have a certificate of ca.
func StartTLS(t testing.TB, ca *CA, args ...string) *Server {
	t.Helper()
	own := ca.Sign("server", nil)
	return start(t, &Server{
		port: "--tls-port",
		tls:  &tls.Config{RootCAs: ca.Roots(), Certificates: []tls.Certificate{own.Certificate}, ServerName: "127.0.0.1"},
		args: append([]string{
			"--port", "0", "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
			"--tls-ca-cert-file", ca.File(), "--tls-cert-file", own.CertFile, "--tls-key-file", own.KeyFile,
		}, args...),
	})
}
