package dial

import (
	"crypto/tls"
	"log/slog"
	"strings"
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
	found = append(found, c.pasted()...)
	switch {
	case c.CertFile != "" && c.KeyFile == "":
		found.add(true, "KeyFile", "is missing: it belongs to Config.CertFile")
	case c.CertFile == "" && c.KeyFile != "":
		found.add(true, "CertFile", "is missing: it belongs to Config.KeyFile")
	}
	if len(found) > 0 || c.CAFile == "" && c.CertFile == "" {
		return found
	}
	t.files = &certificates{base: t.tls, ca: c.CAFile, cert: c.CertFile, key: c.KeyFile, name: named(nil), logger: slog.Default()}
	_, found = t.files.read()
	return found
}

// pasted finds text where a path belongs. A key is a secret.
func (c *Config) pasted() problems {
	var found problems
	for _, f := range []struct{ field, value string }{{"CAFile", c.CAFile}, {"CertFile", c.CertFile}, {"KeyFile", c.KeyFile}} {
		found.add(strings.Contains(f.value, "-----BEGIN") || strings.ContainsAny(f.value, "\r\n"), f.field,
			"is PEM text, not the path of a file: write the text to a file and set the path (the text is not shown)")
	}
	return found
}

// verifies reports whether c verifies the server.
func verifies(c *tls.Config) bool {
	return !c.InsecureSkipVerify || c.VerifyConnection != nil || c.VerifyPeerCertificate != nil
}
