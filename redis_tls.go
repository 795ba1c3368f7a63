package advoware

import (
	"crypto/tls"
	"log/slog"
	"strings"
)

// finishTLS adds what the fields about certificates say to the TLS of t.
func (r *RedisConfig) finishTLS(t *redisTarget) redisProblems {
	var found redisProblems
	files := false
	for _, f := range []struct{ field, value string }{
		{"CAFile", r.CAFile}, {"CertFile", r.CertFile}, {"KeyFile", r.KeyFile}, {"ServerName", r.ServerName},
	} {
		files = files || f.value != ""
		found.add(f.value != "" && t.tls == nil, f.field, "is set, but TLS is not: set Redis.TLS, or have Redis.URL begin with rediss://")
	}
	switch {
	case t.tls == nil && r.URL.IsZero() && (r.TLS || r.TLSConfig != nil):
		return append(found, redisProblem{"TLS", "does not go with a Redis.Host that is a socket"})
	case t.tls == nil && r.TLSConfig != nil:
		return append(found, redisProblem{"TLSConfig", contradiction + " (with TLS it begins with rediss://)"})
	case t.tls == nil:
		return found
	case r.TLSConfig != nil && files:
		return append(found, redisProblem{"TLSConfig", "is used instead of Redis.CAFile, CertFile, KeyFile and ServerName: set one or the others"})
	case r.TLSConfig != nil:
		t.tls = r.TLSConfig.Clone()
		return found
	}
	if r.ServerName != "" {
		t.tls.ServerName = r.ServerName
	}
	found = append(found, r.pasted()...)
	switch {
	case r.CertFile != "" && r.KeyFile == "":
		found.add(true, "KeyFile", "is missing: it belongs to Redis.CertFile")
	case r.CertFile == "" && r.KeyFile != "":
		found.add(true, "CertFile", "is missing: it belongs to Redis.KeyFile")
	}
	if len(found) > 0 || r.CAFile == "" && r.CertFile == "" {
		return found
	}
	t.files = &certificates{base: t.tls, ca: r.CAFile, cert: r.CertFile, key: r.KeyFile, logger: slog.Default()}
	_, found = t.files.read()
	return found
}

// pasted finds text where a path belongs. A key is a secret.
func (r *RedisConfig) pasted() redisProblems {
	var found redisProblems
	for _, f := range []struct{ field, value string }{{"CAFile", r.CAFile}, {"CertFile", r.CertFile}, {"KeyFile", r.KeyFile}} {
		found.add(strings.Contains(f.value, "-----BEGIN") || strings.ContainsAny(f.value, "\r\n"), f.field,
			"is PEM text, not the path of a file: write the text to a file and set the path (the text is not shown)")
	}
	return found
}

// verifies reports whether a connection is made only to whom c knows.
func verifies(c *tls.Config) bool {
	return !c.InsecureSkipVerify || c.VerifyConnection != nil || c.VerifyPeerCertificate != nil
}
