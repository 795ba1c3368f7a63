package dial

import (
	"crypto/tls"

	"github.com/advoware-go/advoware/internal/certfile"
)

// finishTLS adds the fields about certificates to the TLS configuration of t.
func (c *Config) finishTLS(t *target) problems {
	var found problems
	files := false
	for _, f := range []struct{ field, value string }{
		{"CAFile", c.CAFile}, {"CertFile", c.CertFile}, {"KeyFile", c.KeyFile}, {"ServerName", c.ServerName},
	} {
		files = files || f.value != ""
		found.add(f.value != "" && t.tls == nil, f.field, "is set, but TLS is not: set Config.TLS, or have Config.URL begin with rediss://")
	}
	switch {
	case t.tls == nil && c.URL.IsZero() && (c.TLS || c.TLSConfig != nil):
		return append(found, Problem{"TLS", "does not go with a Config.Host that is a socket"})
	case t.tls == nil && c.TLSConfig != nil:
		return append(found, Problem{"TLSConfig", contradiction + " (with TLS it begins with rediss://)"})
	case t.tls == nil:
		return found
	case c.TLSConfig != nil && files:
		return append(found, Problem{"TLSConfig", "is used instead of Config.CAFile, CertFile, KeyFile and ServerName: set one or the others"})
	case c.TLSConfig != nil:
		t.tls = c.TLSConfig.Clone()
		return found
	}
	if c.ServerName != "" {
		t.tls.ServerName = c.ServerName
	}
	paths := certfile.Files{CA: c.CAFile, Cert: c.CertFile, Key: c.KeyFile}
	for _, p := range paths.Check(named(nil)) {
		found.add(true, p.Field, p.Text)
	}
	if len(found) > 0 || c.CAFile == "" && c.CertFile == "" {
		return found
	}
	reader, wrong := certfile.Open(paths, named(nil))
	for _, p := range wrong {
		found.add(true, p.Field, p.Text)
	}
	t.files = &certificates{t.tls, reader}
	return found
}

// verifies reports whether c verifies the server.
func verifies(c *tls.Config) bool {
	return !c.InsecureSkipVerify || c.VerifyConnection != nil || c.VerifyPeerCertificate != nil
}
