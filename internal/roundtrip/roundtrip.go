// Package roundtrip sends HTTP requests as the API client and the gateway both need
// it: by connections of its own, which are pinged and bounded and lead to the configured
// server only, and so that any http.RoundTripper returns an answer or an error.
//
// [New] makes a Transport, a [Pool] shares them, [Exchange] holds any RoundTripper to
// its contract. See ARCHITECTURE.md for what happens when a connection dies.
//
// Everything here is safe for concurrent use.
package roundtrip

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/isnil"
)

// AnswerError is returned for an invalid response: a switch of protocols that was not
// requested, a status that no response has, or neither a response nor an error. Its body was
// not read, and its connection is closed.
type AnswerError struct {
	// Status is the status of that response, 0 if there is none.
	Status int
}

func (e *AnswerError) Error() string {
	switch e.Status {
	case 0:
		return "no answer: neither one with a status nor an error"
	case http.StatusSwitchingProtocols:
		return "no answer: the server switches protocols (status 101), which was not asked for"
	}
	return fmt.Sprintf("no answer: status %d ends no exchange", e.Status)
}

// errBoth is returned when a RoundTripper returns both a response and an error.
var errBoth = errors.New("the transport returned an answer and an error")

// Exchange sends a request by base, and closes what comes back beside an error. An
// answer has a status from 200 on, and a body; anything else is an [*AnswerError].
func Exchange(base http.RoundTripper, req *http.Request) (*http.Response, error) {
	resp, err := base.RoundTrip(req)
	switch {
	case err != nil:
		if resp != nil {
			closeAnswer(resp)
			err = fmt.Errorf("%w: %w", errBoth, err)
		}
		return nil, plainHTTP(err)
	case resp == nil:
		return nil, &AnswerError{}
	case resp.StatusCode < http.StatusOK:
		closeAnswer(resp)
		return nil, &AnswerError{Status: resp.StatusCode}
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	return resp, nil
}

// plainHTTP names the server that answers TLS with plain HTTP. http.Client does, but for an
// error that nothing is wrapped around.
func plainHTTP(err error) error {
	var header tls.RecordHeaderError
	var op *net.OpError // of a proxy
	if errors.As(err, &header) && string(header.RecordHeader[:]) == "HTTP/" && !errors.As(err, &op) {
		return &schemeError{err}
	}
	return err
}

// schemeError is an http.ErrSchemeMismatch that keeps what was met.
type schemeError struct{ err error }

func (e *schemeError) Error() string        { return http.ErrSchemeMismatch.Error() }
func (e *schemeError) Unwrap() error        { return e.err }
func (e *schemeError) Is(target error) bool { return target == http.ErrSchemeMismatch }

func closeAnswer(resp *http.Response) {
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
}

// Unconnected reports whether err is one of not getting a connection: nothing was sent.
func Unconnected(err error) bool {
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	var proxy *ProxyError
	return errors.As(err, &proxy) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect") ||
		errors.As(err, &cert) || errors.As(err, &noTLS) || errors.Is(err, http.ErrSchemeMismatch) || err != nil && (apitls.ClosedAtOnce(err) || handshakeLate(err))
}

// handshakeLate reports whether TLS was not there in time, for which net/http's error has a
// type that it does not export.
func handshakeLate(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if err.Error() == "net/http: TLS handshake timeout" {
			return true
		}
	}
	return false
}

// Wrapped returns what wrap makes of base; base itself if there is no wrap, or if it makes
// nothing of it.
func Wrapped(wrap func(http.RoundTripper) http.RoundTripper, base http.RoundTripper) http.RoundTripper {
	if wrap != nil {
		if w := wrap(base); !isnil.Value(w) {
			return w
		}
	}
	return base
}
