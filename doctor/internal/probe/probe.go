// Package probe sends one HTTP request that says nothing of anybody, and tells how far it came.
//
// It goes by the transport that the client uses, so that it meets what the client meets: the
// same proxy, the same certificates, the same addresses. No token, no password and no body are
// sent, so that no account is affected.
//
// [Send] is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// Stage is a part of the way of a request.
type Stage int

// The stages, in their order.
const (
	Name      Stage = iota // the host is looked up
	Port                   // a connection is made
	Handshake              // TLS is agreed on, and the certificate is looked at
	Exchange               // the request is sent, and its answer awaited
	Done                   // there is an answer
)

// Result is how far a request came.
type Result struct {
	URL   *url.URL // without a path
	Proxy string   // host:port of the proxy on the way, "" if there is none
	Addr  string   // what was connected to, "" if nothing was

	Stage Stage
	Err   error         // why it did not come further; nil if Stage is Done
	After time.Duration // how long that took, or the answer

	Certificate *x509.Certificate // that of the server; nil if none was accepted
	Status      int               // of the answer
	Elsewhere   string            // the origin that it redirects to, if that is another one

	Dated  bool          // the answer has a Date that can be believed
	Behind time.Duration // how far the clock here is behind that of the server, negative if it is ahead
}

// ErrTime is the cause of a request that took longer than it may.
var ErrTime = fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)

// Send sends HEAD to the root of the server of u, within a time.
func Send(ctx context.Context, base http.RoundTripper, u *url.URL, within time.Duration) Result {
	ctx, cancel := context.WithTimeoutCause(ctx, within, ErrTime)
	defer cancel()
	r := Result{URL: &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}}
	seen := new(trace)
	req, err := http.NewRequestWithContext(seen.in(ctx), http.MethodHead, r.URL.String(), nil)
	if err != nil {
		r.Err = err
		return r
	}
	req.Header.Set("User-Agent", "advoware-go")
	req.Header.Set("Cache-Control", "no-cache")
	began := time.Now()
	resp, err := roundtrip.Exchange(base, req)
	r.After = time.Since(began)
	at := seen.now()
	r.Addr = at.addr
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		r.Stage, r.Err = stageOf(err, at, u), redact.Unquoted(err)
		return r
	}
	_ = resp.Body.Close()
	r.Stage, r.Status = Done, resp.StatusCode
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		r.Certificate = resp.TLS.PeerCertificates[0]
	}
	if to, err := r.URL.Parse(resp.Header.Get("Location")); resp.StatusCode >= 300 && resp.StatusCode < 400 && err == nil && !origin.Same(to, r.URL) {
		r.Elsewhere = redact.OneLine(origin.Of(to), 200)
	}
	r.Behind, r.Dated = behind(resp.Header, cmp.Or(at.wrote, began), cmp.Or(at.answered, time.Now()))
	return r
}

// behind compares the clock here with that of an answer, which was made at some time between
// the two. A Date is cut off to a second.
func behind(h http.Header, sent, answered time.Time) (time.Duration, bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || date.Year() < 1990 || date.Year() > 2199 || h.Get("Age") != "" { // of a cache
		return 0, false
	}
	middle := sent.Round(0).Add(answered.Sub(sent) / 2)
	return date.Add(time.Second / 2).Sub(middle), true
}

// stageOf returns where a request ended: by its error if that says it, else by what happened
// before it.
func stageOf(err error, at seen, u *url.URL) Stage {
	var (
		name    *net.DNSError
		op      *net.OpError
		proxy   *roundtrip.ProxyError
		wrong   *roundtrip.VariableError
		verify  *tls.CertificateVerificationError
		cert    *apitls.CertificateError
		noTLS   tls.RecordHeaderError
		dialled = errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
	)
	switch {
	case errors.As(err, &name):
		return Name
	case errors.As(err, &verify), errors.As(err, &cert), errors.As(err, &noTLS):
		return Handshake
	case errors.As(err, &proxy), errors.As(err, &wrong), dialled, errors.Is(err, origin.ErrInsecure):
		return Port
	case !at.named && !isIP(u.Hostname()) && at.began:
		return Name
	case !at.connected && at.began:
		return Port
	case !at.secured && u.Scheme == "https" && at.began, strings.Contains(err.Error(), "tls: "):
		return Handshake
	}
	return Exchange
}

func isIP(host string) bool { return net.ParseIP(host) != nil }
