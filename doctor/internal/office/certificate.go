package office

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/advoware-go/advoware/doctor/internal/check"
	"github.com/advoware-go/advoware/doctor/internal/probe"
	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// endsSoon is how long before its end a certificate is a warning.
const endsSoon = 21 * 24 * time.Hour

// certificate examines one that was accepted.
func (o *Office) certificate(s side, r probe.Result, c *check.Check) {
	if r.URL.Scheme == "http" {
		c.Status, c.Saw = check.Skipped, "plain http"
		return
	}
	if r.Certificate == nil {
		c.Saw = "accepted"
		return
	}
	c.Saw = "valid until " + day(r.Certificate.NotAfter)
	if s.own && o.Config.APITLS.Pin != "" && o.Config.APITLS.CAFile == "" && o.Config.APITLS.ServerName == "" {
		c.Saw += ", which does not count: its key is pinned"
		return
	}
	left := time.Until(r.Certificate.NotAfter)
	if left < endsSoon {
		c.Status, c.Want = check.Warning, "one that does not end within three weeks"
		c.Saw += fmt.Sprintf(", in %d days", int(left.Hours()/24))
		c.Hint = "tell " + keeper(s) + " to renew it in time"
	}
}

// ownCertificate examines the one that we show the API.
func (o *Office) ownCertificate(report func(check.Check)) {
	files := o.Config.APITLS
	if files.CertFile == "" {
		return
	}
	c := check.Check{Name: "our certificate", Status: check.OK}
	pair, err := tls.LoadX509KeyPair(files.CertFile, files.KeyFile)
	switch {
	case err != nil || pair.Leaf == nil: // the configuration says what is wrong with it
		c.Status, c.Saw = check.Skipped, "it cannot be read"
	case time.Now().After(pair.Leaf.NotAfter):
		c.Status, c.Saw, c.Want = check.Failure, "it ended on "+day(pair.Leaf.NotAfter), "one that is valid"
		c.Hint = "renew the file in " + apitls.Variable("CertFile")
	case time.Until(pair.Leaf.NotAfter) < endsSoon:
		c.Status, c.Saw, c.Want = check.Warning, "it ends on "+day(pair.Leaf.NotAfter), "one that does not end within three weeks"
		c.Hint = "renew the file in " + apitls.Variable("CertFile")
	default:
		c.Saw = "valid until " + day(pair.Leaf.NotAfter)
	}
	report(c)
}

func (o *Office) wrongHandshake(s side, r probe.Result, c *check.Check) {
	var (
		refused *apitls.CertificateError
		verify  *tls.CertificateVerificationError
		noTLS   tls.RecordHeaderError
		alert   tls.AlertError
	)
	c.Want = "a certificate that this machine trusts for " + r.URL.Hostname()
	switch {
	case errors.As(r.Err, &refused):
		c.Saw, c.Hint = refused.Problem(), refused.Advice()
	case errors.As(r.Err, &verify):
		explain(s, r, verify, c)
	case errors.As(r.Err, &noTLS), errors.Is(r.Err, http.ErrSchemeMismatch):
		c.Saw, c.Want = hostPort(r.URL)+" does not speak TLS", "https"
		c.Hint = "check the port in " + s.variable + ": something else listens there, or plain http"
	case errors.Is(r.Err, probe.ErrTime):
		c.Saw, c.Want = fmt.Sprintf("%s takes the connection, but no TLS within %v", hostPort(r.URL), probeWait), "TLS"
		c.Hint = "a firewall or proxy on the way lets the connection through and nothing after it: have TLS to " + hostPort(r.URL) + " permitted"
	case errors.As(r.Err, &alert), strings.Contains(r.Err.Error(), "remote error: tls"), strings.Contains(r.Err.Error(), "protocol version"):
		c.Saw, c.Want = hostPort(r.URL)+" refuses TLS: "+r.Err.Error(), "TLS 1.2 or later"
		c.Hint = "ask " + keeper(s) + " which TLS it speaks, and whether it wants a certificate of the client"
	default:
		c.Saw, c.Want = hostPort(r.URL)+" ends the connection in place of TLS: "+r.Err.Error(), "TLS"
		c.Hint = "a firewall on the way cuts it off, or the server speaks an older TLS than 1.2: ask " + keeper(s)
	}
	if strings.Contains(c.Saw, "not valid") && clockHint(r) != "" {
		c.Hint = clockHint(r)
	}
}

// explain says why a certificate of the vendor's is not accepted.
func explain(s side, r probe.Result, refused *tls.CertificateVerificationError, c *check.Check) {
	leaf := refused.UnverifiedCertificates[0]
	issuer := redact.OneLine(leaf.Issuer.String(), 80)
	var (
		unknown x509.UnknownAuthorityError
		roots   x509.SystemRootsError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		of      = "the certificate of " + hostPort(r.URL)
	)
	switch {
	case errors.As(refused, &invalid) && invalid.Reason == x509.Expired && time.Now().Before(leaf.NotBefore):
		c.Saw = of + " is not valid before " + day(leaf.NotBefore)
		c.Hint = "check the date of this machine first; else ask " + keeper(s)
	case errors.As(refused, &invalid) && invalid.Reason == x509.Expired:
		c.Saw = of + " is not valid any more, since " + day(leaf.NotAfter)
		c.Hint = "check the date of this machine first; else " + keeper(s) + " has to renew it"
	case errors.As(refused, &name):
		c.Saw = of + " is for another name: " + redact.OneLine(strings.Join(append(leaf.DNSNames, leaf.Subject.CommonName), ", "), 120)
		c.Hint = "check the host in " + s.variable + "; or something on the way answers in its place (a proxy, a hotspot)"
	case errors.As(refused, &unknown), errors.As(refused, &roots):
		c.Saw = of + " is issued by " + issuer + ", which this machine does not trust"
		c.Hint = "if that is a firewall of your own that opens TLS, have it leave this host out, or give this machine its authority (SSL_CERT_FILE); " +
			"if this machine has no authorities at all (a small container), install ca-certificates"
	default:
		c.Saw, c.Hint = of+" is not accepted: "+refused.Err.Error(), "ask "+keeper(s)
	}
}

// dateOf asks the server of a certificate that is not valid now what time it is, as on a day
// when that is valid: it must be trusted otherwise.
func (o *Office) dateOf(ctx context.Context, r probe.Result, u *url.URL) probe.Result {
	var verify *tls.CertificateVerificationError
	var invalid x509.CertificateInvalidError
	if o.Config.Transport != nil || o.Config.GatewayTransport != nil || !errors.As(r.Err, &verify) || !errors.As(verify.Err, &invalid) || invalid.Reason != x509.Expired {
		return r
	}
	leaf := verify.UnverifiedCertificates[0]
	then := leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	t := &http.Transport{
		Proxy:             func(req *http.Request) (*url.URL, error) { return roundtrip.ProxyOf(roundtrip.Options{}, req.URL) },
		TLSClientConfig:   &tls.Config{Time: func() time.Time { return then }},
		DisableKeepAlives: true,
	}
	answer := probe.Send(ctx, t, u, probeWait)
	r.Dated, r.Behind = answer.Dated, answer.Behind
	return r
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }
