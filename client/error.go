package client

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/internal/errorbody"
	"github.com/advoware-go/advoware/internal/logvalue"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/sent"
	"github.com/advoware-go/advoware/internal/sentence"
	"github.com/advoware-go/advoware/store"
)

// Sentinels for errors.Is, also through everything that net/http wraps around.
var (
	ErrUnauthorized    = errors.New("client: unauthorized")      // an APIError with status 401
	ErrForbidden       = errors.New("client: forbidden")         // 403
	ErrNotFound        = errors.New("client: not found")         // 404
	ErrConflict        = errors.New("client: conflict")          // 409
	ErrTooManyRequests = errors.New("client: too many requests") // 429

	// ErrNotSent is a request that was certainly not sent: it could not be built, no token
	// was to be had, or no connection. It can be made again without fear of doing
	// something twice.
	//
	// Each error of a call, of Do and of a Transport matches either ErrNotSent or ErrMaybeDone,
	// but for an APIError with a status from 400 to 498, 408 apart: with that the API refuses
	// what it was asked for. So it is with errors of an HTTPClient, as far as net/http passes
	// them on: the end of its own Timeout, and a redirect to no URL, match neither.
	ErrNotSent = sent.ErrNot
	// ErrMaybeDone is a request that was sent, and of which it is not known whether it was
	// carried out: the answer was lost, or cannot be used, or is that of a server in trouble
	// (status 5xx, and 408 and 499 of one between) or of a redirect. An answer that cannot be decoded is one too: the API has
	// carried the request out, as a rule.
	ErrMaybeDone = sent.ErrMaybe

	// ErrNotJSON is a 2xx answer that is neither empty nor JSON.
	ErrNotJSON = errors.New("client: the answer is not JSON")
	// ErrTooLong is an answer, or an element of one, that is longer than MaxAnswer.
	ErrTooLong = errors.New("client: the answer is too long")
	// ErrCharset is a 2xx answer in an unknown character set, or with bytes that are not in
	// the one that it names.
	ErrCharset = errors.New("client: the answer cannot be read")
)

const maxErrorText = 1 << 10 // how much an error says, whatever it wraps

// APIError is an answer of the API with a status other than 2xx. Should the server
// have repeated the token in it, that is taken out.
type APIError struct {
	Status    int
	Method    string
	Path      string // without the query
	RequestID string // the server's name for the request, "" if it gave none
	Header    http.Header
	Body      []byte // its first 64 KiB; text is UTF-8, whatever it was written in
	Truncated bool   // the body was longer, or broke off
	// Reason is what the vendor's sentence in the Body means, for the statuses 401, 403 and
	// from 500 on; reason.Unknown if there is none that is known. errors.Is finds it.
	Reason reason.Reason
	// TokenErr says, for a 401, why there was no second attempt with another token;
	// nil if there was one, or the body could not be sent again, or the Reason says that
	// the token is not to blame: the office is not connected, not registered, not enabled.
	TokenErr error
}

// Error names what was asked and how it was answered, with the beginning of the
// body on one line.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "client: %s %s: status %s", e.Method, e.Path, strings.TrimSpace(strconv.Itoa(e.Status)+" "+http.StatusText(e.Status)))
	if e.Reason != reason.Unknown {
		b.WriteString(": " + e.Reason.String() + ": " + e.Reason.Advice())
	}
	if text := redact.OneLine(string(e.Body[:min(len(e.Body), maxErrorText)]), 200); text != "" {
		b.WriteString(": " + text)
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	if e.TokenErr != nil {
		b.WriteString("; no other token: " + e.TokenErr.Error())
	}
	return redact.OneLine(b.String(), maxErrorText)
}

// LogValue is a group for slog: what Error says as message, and its parts.
func (e *APIError) LogValue() slog.Value {
	return logvalue.Group("message", e.Error(), "kind", "api", "method", e.Method, "path", e.Path, "status", e.Status,
		"reason", e.Reason.Word(), "request_id", e.RequestID, "cause", logvalue.Cause(e.TokenErr))
}

// Unwrap returns TokenErr.
func (e *APIError) Unwrap() error { return e.TokenErr }

// As sets a *reason.Reason to e's, if that is known.
func (e *APIError) As(target any) bool {
	r, ok := target.(*reason.Reason)
	if ok = ok && e.Reason != reason.Unknown; ok {
		*r = e.Reason
	}
	return ok
}

// Is reports whether target is the sentinel of e's status, its Reason, or ErrMaybeDone if
// the status does not say that the request was refused.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrConflict:
		return e.Status == http.StatusConflict
	case ErrTooManyRequests:
		return e.Status == http.StatusTooManyRequests
	case ErrMaybeDone:
		return e.Status < 400 || e.Status > 498 || e.Status == http.StatusRequestTimeout // or of a relay that gave up
	}
	return target == e.Reason
}

func apiError(req *http.Request, resp *http.Response, n *callState) *APIError {
	if resp.Request != nil { // after a redirect it was another one
		req = resp.Request
	}
	h := n.redactor(n.token).Encoded()
	e := &APIError{
		Status: resp.StatusCode, Method: req.Method, Path: h.Hide(req.URL.Path),
		Header: h.Header(resp.Header), TokenErr: n.tokenErr,
	}
	e.Body, e.Truncated = errorbody.Read(resp, h)
	e.Reason = reasonOf(req, resp, e.Body)
	e.RequestID = requestID(e.Header)
	return e
}

// reasonOf is what the vendor's sentence means in an answer to req, of which text is the
// beginning. Other statuses are about what was asked for: a client of the office may be
// "nicht registriert" too. So is what the path or the query says and the answer repeats.
func reasonOf(req *http.Request, resp *http.Response, text []byte) reason.Reason {
	if c := resp.StatusCode; c != http.StatusUnauthorized && c != http.StatusForbidden && c < 500 {
		return reason.Unknown
	}
	return sentence.OfAnswer(resp.Status, text, asked(req)...)
}

// asked is what an answer may repeat of a request.
func asked(req *http.Request) []string {
	query, _ := url.QueryUnescape(req.URL.RawQuery)
	return []string{req.URL.Path, req.URL.RawQuery, query}
}

func requestID(h http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Correlation-Id"} {
		if id := h.Get(name); id != "" {
			return redact.OneLine(id, 100)
		}
	}
	return ""
}

// RequestError is a Request that cannot be sent: a wrong endpoint or method, a nil
// context, or a body that is not JSON. It matches ErrNotSent.
type RequestError struct{ Err error }

func (e *RequestError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// Is reports whether target is ErrNotSent.
func (e *RequestError) Is(target error) bool { return target == ErrNotSent }

// CallError is a call that got no answer it could use.
type CallError struct {
	Method   string
	Endpoint string // without the query
	// Sent is false if the request was certainly not sent: there was no token for it, or
	// no connection, or it could not be built. Then errors.Is finds ErrNotSent, and making
	// the call again does nothing twice. If it is true errors.Is finds ErrMaybeDone.
	Sent bool
	Err  error
}

// Error names the call and what happened, and of a write whether it may have been done.
func (e *CallError) Error() string {
	done := ""
	switch {
	case e.Method == http.MethodGet || e.Method == http.MethodHead:
	case e.Sent:
		done = " (it may have been carried out)"
	default:
		done = " (it was not sent)"
	}
	return redact.OneLine(fmt.Sprintf("client: %s %s: %v", e.Method, e.Endpoint, e.Err), maxErrorText-len(done)) + done
}

// LogValue is a group for slog: what Error says as message, and its parts.
func (e *CallError) LogValue() slog.Value {
	return logvalue.Group("message", e.Error(), "kind", "call", "method", e.Method, "path", e.Endpoint, "sent", e.Sent,
		"timeout", e.Timeout(), "cause", logvalue.Cause(e.Err))
}

// Unwrap returns Err.
func (e *CallError) Unwrap() error { return e.Err }

// Is reports whether target is ErrNotSent, and the request was not, or ErrMaybeDone, and it
// was.
func (e *CallError) Is(target error) bool {
	return target == ErrNotSent && !e.Sent || target == ErrMaybeDone && e.Sent
}

// Timeout reports whether the call ran out of time: its own, its context's, or that of
// what it waited for.
func (e *CallError) Timeout() bool { return sent.TimedOut(e.Err) }

// Temporary is what net.Error wants besides; it says the same.
func (e *CallError) Temporary() bool { return sent.TimedOut(e.Err) }

// OriginError is a request, or a redirect, that would leave the configured origin.
type OriginError struct {
	Origin   string // where calls belong: scheme, host and port
	Target   string // where this one would have been sent
	Redirect bool
}

func (e *OriginError) Error() string {
	what := "a request"
	if e.Redirect {
		what = "a redirect"
	}
	return redact.OneLine(fmt.Sprintf("client: %s to %s leaves the configured origin %s", what, redact.OneLine(e.Target, maxErrorText/2), e.Origin), maxErrorText)
}

// Is reports whether target is ErrNotSent, or ErrMaybeDone if it was a redirect.
func (e *OriginError) Is(target error) bool {
	return target == ErrNotSent && !e.Redirect || target == ErrMaybeDone && e.Redirect
}

// pathOf names an endpoint in errors and logs, without the query. Of a URL, which is
// refused and may have a password in it, only the scheme is shown.
func pathOf(endpoint string) string {
	path, _, _ := strings.Cut(endpoint, "?")
	if scheme, _, ok := strings.Cut(path, "://"); ok && !strings.Contains(scheme, "/") {
		path = scheme + "://…"
	}
	return redact.OneLine(path, 200)
}

// redactor takes a token out of what a server wrote.
func redactor(tok store.Token) *redact.Secret { return redact.NewToken(tok.Reveal()) }
