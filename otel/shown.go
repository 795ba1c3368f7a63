package advowareotel

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
)

// shown is what may be shown of requests.
type shown struct {
	servers bool

	mu    sync.Mutex
	paths map[string]bool // templates so far
}

func newShown(servers bool) *shown { return &shown{servers: servers, paths: make(map[string]bool)} }

// vendor is the domain of the vendor's own servers. That of an office names the office.
const vendor = "advo-net.net"

// server returns host and port as they may be shown.
func (s *shown) server(u *url.URL) string {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if !s.servers && host != vendor && !strings.HasSuffix(host, "."+vendor) && !loopback(host) {
		host = "office"
	}
	if port != "" {
		return net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

const (
	maxPaths    = 200 // templates; any further path is "{other}"
	maxSegments = 8
	maxSegment  = 40
)

// path returns a template for the path of a request: words stay, anything else is an id. The
// target of a redirect is the server's choice, and is not shown.
func (s *shown) path(req *http.Request) string {
	if req.Response != nil {
		return "/{redirected}"
	}
	segments := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	for i, segment := range segments {
		if !word(segment) {
			segments[i] = "{id}"
		}
	}
	if len(segments) > maxSegments {
		segments = append(segments[:maxSegments], "{more}")
	}
	return s.bounded("/" + strings.Join(segments, "/"))
}

// word reports whether a segment is a word of the API's, such as "Akten", or its version, "v1".
func word(segment string) bool {
	if version, ok := strings.CutPrefix(segment, "v"); ok && len(version) == 1 && version[0] >= '0' && version[0] <= '9' {
		return true
	}
	return len(segment) <= maxSegment && !strings.ContainsFunc(segment, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	})
}

func (s *shown) bounded(path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.paths[path] {
		if len(s.paths) >= maxPaths {
			return "/{other}"
		}
		s.paths[path] = true
	}
	return path
}

// method returns a method for the name of a span.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "HTTP"
}

// shownError returns an error of the same kind as err without anything that a server wrote,
// and without an address. otelhttp shows its type and its text.
func shownError(err error) error {
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	case errors.As(err, &cert):
		return &tls.CertificateVerificationError{Err: errors.New("the certificate is not accepted")}
	case errors.As(err, &op):
		shown := &net.OpError{Op: operation(op.Op), Net: "tcp", Err: errors.New("failed")}
		if errno, ok := errors.AsType[syscall.Errno](op.Err); ok {
			shown.Err = errno
		} else if dns, ok := errors.AsType[*net.DNSError](op.Err); ok {
			shown.Err = &net.DNSError{Err: "lookup failed", IsTimeout: dns.IsTimeout, IsNotFound: dns.IsNotFound, IsTemporary: dns.IsTemporary}
		}
		return shown
	}
	return exchangeError{}
}

// operation is that of an OpError, if it is one of net's.
func operation(op string) string {
	switch op {
	case "dial", "read", "write", "close", "proxyconnect", "socks connect":
		return op
	}
	return "exchange"
}

// exchangeError stands for any error of which nothing may be said.
type exchangeError struct{}

func (exchangeError) Error() string { return "the exchange failed" }
