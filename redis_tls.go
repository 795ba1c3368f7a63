package advoware

import (
	"crypto/tls"
	"crypto/x509"
	"os"
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
	return append(found, r.loadCertificates(t.tls)...)
}

func (r *RedisConfig) loadCertificates(c *tls.Config) redisProblems {
	var found redisProblems
	if r.CAFile != "" {
		text, err := os.ReadFile(r.CAFile)
		c.RootCAs = x509.NewCertPool()
		if err != nil {
			found.add(true, "CAFile", "cannot be read: "+err.Error())
		} else {
			found.add(!c.RootCAs.AppendCertsFromPEM(text), "CAFile", "has no certificate in PEM")
		}
	}
	certFile, keyFile := r.CertFile, r.KeyFile
	switch {
	case certFile == "" && keyFile == "":
		return found
	case keyFile == "":
		return append(found, redisProblem{"KeyFile", "is missing: it belongs to Redis.CertFile"})
	case certFile == "":
		return append(found, redisProblem{"CertFile", "is missing: it belongs to Redis.KeyFile"})
	}
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		return &pair, err
	}
	if _, err := c.GetClientCertificate(nil); err != nil {
		found.add(true, "CertFile", "cannot be used with Redis.KeyFile: "+err.Error())
	}
	return found
}

// verifies reports whether a connection is made only to whom c knows.
func verifies(c *tls.Config) bool {
	return !c.InsecureSkipVerify || c.VerifyConnection != nil || c.VerifyPeerCertificate != nil
}
