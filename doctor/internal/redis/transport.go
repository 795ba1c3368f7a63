package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/link"
)

const (
	day = 24 * time.Hour
	// soon is how long before its end a certificate is worth a warning.
	soon = 21 * day
)

// peer makes a connection, and looks at where it leads and at its certificates.
func peer(ctx context.Context, cfg Config) []check.Check {
	node, err := cfg.Link.Node(ctx, cfg.Key)
	one, ok := node.(*goredis.Client)
	if err == nil && !ok {
		const why = "the client of the caller does not say how it connects"
		return []check.Check{group.Skipped(transport, why), group.Skipped(certificate, why)}
	}
	var c net.Conn
	if err == nil {
		c, err = link.Ask(ctx, cfg.Link, one, func(ctx context.Context, _ goredis.UniversalClient) (net.Conn, error) {
			o := one.Options()
			return o.Dialer(ctx, o.Network, o.Addr)
		})
	}
	if err != nil {
		why := "another connection: " + link.Of(err).Saw
		return []check.Check{group.Skipped(transport, why), group.Skipped(certificate, why)}
	}
	defer c.Close()
	secured, ok := c.(interface{ ConnectionState() tls.ConnectionState })
	if !ok || !secured.ConnectionState().HandshakeComplete {
		return []check.Check{unsecured(c.RemoteAddr()), group.Skipped(certificate, "no TLS is used")}
	}
	state := secured.ConnectionState()
	saw := tls.VersionName(state.Version) + " with " + link.Printable(addressOf(c.RemoteAddr()), maxAddress)
	if own := cfg.Link.Redis().TLSConfig; len(state.VerifiedChains) == 0 && (own == nil || own.VerifyConnection == nil && own.VerifyPeerCertificate == nil) {
		return []check.Check{
			group.Warning(transport, saw+", whose certificate nobody verifies", "a certificate that is verified", "take skip_verify out of REDIS_URL, and set REDIS_TLS_CA_FILE: else anybody on the way can be the server"),
			ends(cfg, state, time.Now()),
		}
	}
	return []check.Check{group.OK(transport, saw), ends(cfg, state, time.Now())}
}

// plainly says what can be said of the transport before there is a connection.
func plainly(cfg Config) (check.Check, bool) {
	c := cfg.Link.Redis()
	if c.Client != nil || withTLS(c) || !c.AllowRemote {
		return check.Check{}, false
	}
	return group.Warning(transport, "no TLS, and REDIS_ALLOW_REMOTE permits other machines", "TLS, or this machine", noTLS), true
}

const noTLS = "use TLS (REDIS_TLS=true, or rediss:// in REDIS_URL), or encrypt tokens by ADVOWARE_TOKEN_SEAL_KEYS: whoever is on the way can read the password of Redis and the tokens"

// unsecured looks at a connection without TLS.
func unsecured(at net.Addr) check.Check {
	where := link.Printable(addressOf(at), maxAddress)
	if at.Network() == "unix" {
		return group.OK(transport, "a socket of this machine: "+where)
	}
	if addr, err := netip.ParseAddrPort(at.String()); err == nil && addr.Addr().Unmap().IsLoopback() {
		return group.OK(transport, "no TLS, and none is needed: "+where+" is this machine")
	}
	return group.Warning(transport, "no TLS to "+where+", which is another machine", "TLS, or this machine", noTLS)
}

func addressOf(at net.Addr) string {
	if at == nil {
		return "an address that is not known"
	}
	return at.String()
}

// ends says when the first of the certificates ends: those that the server has shown, those
// that vouch for it, and the client's own.
func ends(cfg Config, state tls.ConnectionState, now time.Time) check.Check {
	first, whose := time.Time{}, ""
	add := func(c *x509.Certificate, of string) {
		if c != nil && (first.IsZero() || c.NotAfter.Before(first)) {
			first, whose = c.NotAfter, of+" ("+link.Printable(c.Subject.CommonName, maxValue)+")"
		}
	}
	for _, chain := range append(slices.Clone(state.VerifiedChains), state.PeerCertificates) {
		for i, c := range chain {
			if i == 0 {
				add(c, "the server's certificate")
			} else {
				add(c, "the certificate of its authority")
			}
		}
	}
	for _, own := range ownCertificates(cfg) {
		add(own, "the client certificate")
	}
	if first.IsZero() {
		return group.Skipped(certificate, "the server has shown none")
	}
	left := first.Sub(now)
	saw := fmt.Sprintf("the first to end is %s, on %s", whose, first.UTC().Format("2006-01-02 15:04 UTC"))
	want := fmt.Sprintf("more than %d days", soon/day)
	hint := "renew it; the files are read again for each connection, so that nothing has to be restarted"
	if strings.HasPrefix(whose, "the server") {
		hint = "renew it on the server (CONFIG SET tls-cert-file reads it again)"
	}
	switch {
	case left <= 0:
		return group.Failure(certificate, saw+", which is over", want, hint)
	case left < soon:
		return group.Warning(certificate, saw+", in "+days(left), want, hint)
	}
	return group.OK(certificate, saw+", in "+days(left))
}

func days(left time.Duration) string {
	if left < 2*day {
		return fmt.Sprintf("%d hours", left/time.Hour)
	}
	return fmt.Sprintf("%d days", left/day)
}

// ownCertificates are those that this client shows.
func ownCertificates(cfg Config) []*x509.Certificate {
	c := cfg.Link.Redis()
	var own []*x509.Certificate
	if c.TLSConfig != nil {
		for i := range c.TLSConfig.Certificates {
			own = append(own, leaf(&c.TLSConfig.Certificates[i]))
		}
	}
	if c.CertFile != "" {
		if pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile); err == nil {
			own = append(own, leaf(&pair))
		}
	}
	return own
}

func leaf(c *tls.Certificate) *x509.Certificate {
	if c.Leaf != nil || len(c.Certificate) == 0 {
		return c.Leaf
	}
	parsed, _ := x509.ParseCertificate(c.Certificate[0])
	return parsed
}
