package redis_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"testing"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/internal/certtest"
	"github.com/advoware-go/advoware/internal/redistest"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	lasts := func(d time.Duration) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.NotAfter = time.Now().Add(d) }
	}
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		server, client time.Duration
		status         check.Status
		saw, hint      string
	}{
		"both last":         {400 * day, 300*day + time.Hour, check.OK, "the first to end is the client certificate (mine), on ", ""},
		"the server's ends": {10*day + time.Hour, 300 * day, check.Warning, ", in 10 days", "renew it on the server"},
		"it ends today":     {5*time.Hour + time.Minute, 300 * day, check.Warning, "the server's certificate (new), on ", "renew it on the server"},
		"the client's ends": {300 * day, 5*day + time.Hour, check.Warning, "the first to end is the client certificate (mine), on ", "nothing has to be restarted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.StartTLS(t, redistest.NewCA(t), "--tls-auth-clients", "no")
			theirs, mine := certtest.SelfSigned(t, "new", lasts(c.server)), certtest.SelfSigned(t, "mine", lasts(c.client))
			srv.Do("CONFIG", "SET", "tls-cert-file", theirs.CertFile, "tls-key-file", theirs.KeyFile)
			cfg := at("rediss://" + srv.Addr())
			cfg.CAFile, cfg.CertFile, cfg.KeyFile = theirs.CertFile, mine.CertFile, mine.KeyFile
			found := look(t, cfg)
			want(t, found, "certificates", c.status, c.saw, c.hint)
			want(t, found, "transport", check.OK, "TLS 1.3", "")
		})
	}
	t.Run("the authority ends", func(t *testing.T) {
		t.Parallel()
		ca := redistest.NewCA(t) // lasts for a day
		srv := redistest.StartTLS(t, ca, "--tls-auth-clients", "no")
		theirs := ca.Sign("new", lasts(300*day))
		srv.Do("CONFIG", "SET", "tls-cert-file", theirs.CertFile, "tls-key-file", theirs.KeyFile)
		cfg := at("rediss://" + srv.Addr())
		cfg.CAFile = ca.File()
		want(t, look(t, cfg), "certificates", check.Warning, "the first to end is the certificate of its authority (ca)", "renew")
	})
	t.Run("nobody verifies it", func(t *testing.T) {
		t.Parallel()
		ca := redistest.NewCA(t)
		srv := redistest.StartTLS(t, ca, "--tls-auth-clients", "no")
		theirs := ca.Sign("new", lasts(5*time.Hour+time.Minute)) // less than its authority
		srv.Do("CONFIG", "SET", "tls-cert-file", theirs.CertFile, "tls-key-file", theirs.KeyFile)
		found := look(t, at("rediss://"+srv.Addr()+"?skip_verify=true"))
		want(t, found, "transport", check.Warning, "nobody verifies", "skip_verify")
		want(t, found, "certificates", check.Warning, "the server's certificate (new)", "renew it on the server")
	})
	t.Run("a function verifies it", func(t *testing.T) {
		t.Parallel()
		srv := redistest.StartTLS(t, redistest.NewCA(t), "--tls-auth-clients", "no")
		cfg := at("rediss://" + srv.Addr())
		cfg.TLSConfig = &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(tls.ConnectionState) error { return nil }} //nolint:gosec // that is the case
		want(t, look(t, cfg), "transport", check.OK, "TLS 1.3", "")
	})
}

// Another machine without TLS is one whose address is not that of loopback.
func TestRemoteWithoutTLS(t *testing.T) {
	t.Parallel()
	own := ""
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			own = ip.IP.String()
		}
	}
	if own == "" {
		t.Skip("this machine has no address but that of loopback")
	}
	srv := redistest.Start(t)
	addr := redistest.ListenOn(t, own+":0", func(c net.Conn) {
		up, err := net.Dial("tcp", srv.Addr())
		if err != nil {
			return
		}
		defer up.Close()
		go func() { _, _ = io.Copy(up, c) }()
		_, _ = io.Copy(c, up)
	})
	cfg := at("redis://" + addr)
	want(t, look(t, cfg), "reach", check.Failure, "neither this machine", "")
	cfg.AllowRemote = true
	want(t, look(t, cfg), "transport", check.Warning, "another machine", "REDIS_TLS=true")
	srv.Kill()
	want(t, look(t, cfg), "transport", check.Warning, "permits other machines", "REDIS_TLS=true")
}
