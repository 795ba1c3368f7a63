package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/internal/logvalue"
	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/redact"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// Kind is what kind of failure a TokenError is.
type Kind int

const (
	// Outage: the gateway could not be reached, did not answer in time, or
	// answered that it cannot serve now: any status not named below, such as 404,
	// 429 and 503. Asking again later may help.
	Outage Kind = iota
	// Refused: the gateway said no to the credentials or the signature (400, 401, 403).
	// Asking again with the same may lock the account. A refusal that is about the nonce
	// or the time of the request by its text is none of these, but an Outage.
	Refused
	// Malformed: the answer makes no sense: a 200 without a usable token, any other
	// 2xx, a redirect.
	Malformed
	// A Reason that is known decides in place of the status: reason.NotConnected is an
	// Outage; reason.WrongCredentials, NotEnabled and NotRegistered are Refused.
)

// String returns "gateway down", "token request refused" or "malformed token response".
func (k Kind) String() string {
	switch k {
	case Refused:
		return "token request refused"
	case Malformed:
		return "malformed token response"
	default:
		return "gateway down"
	}
}

// Sentinels for errors.Is, one for each Kind.
var (
	ErrOutage    = errors.New("gateway: " + Outage.String())
	ErrRefused   = errors.New("gateway: " + Refused.String())
	ErrMalformed = errors.New("gateway: " + Malformed.String())
)

// errTimeout is the cause of a context that Config.Timeout ended.
var errTimeout = fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)

// TokenError says why no token was had. It matches the sentinel of its Kind, its Reason, and
// whatever Err matches. It holds no secret.
type TokenError struct {
	Kind Kind
	// URL is the token endpoint that was asked, "" if it is not known.
	URL string
	// Status is the HTTP status of the answer, 0 if there was none.
	Status int
	// Reason is what the vendor's sentence in the answer means, whatever the Status;
	// reason.Unknown if there is none that is known.
	Reason reason.Reason
	// RetryAfter is how long the gateway asked to be left alone, 0 if it did not.
	RetryAfter time.Duration
	// Detail is the beginning of the answer's body on one line, with everything
	// secret taken out. Often empty.
	Detail string
	// Err is the cause, if there is one besides the status.
	Err error

	date, at time.Time // the answer's Date header, and when it came: to learn the clock from
}

// Error is one line, of 1 KiB at most.
func (e *TokenError) Error() string {
	var b strings.Builder
	b.WriteString("gateway: " + e.Kind.String())
	if e.URL != "" {
		b.WriteString(": " + e.URL)
	}
	if e.Status != 0 && e.Status != http.StatusOK {
		b.WriteString(strings.TrimRight(fmt.Sprintf(": %d %s", e.Status, http.StatusText(e.Status)), " "))
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Reason != reason.Unknown {
		b.WriteString(": " + e.Reason.String() + ": " + e.Reason.Advice())
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return redact.OneLine(b.String(), maxErrorText)
}

// LogValue is a group for slog: what Error says as message, and its parts.
func (e *TokenError) LogValue() slog.Value {
	return logvalue.Group("message", e.Error(), "kind", e.Kind.String(), "status", e.Status, "reason", e.Reason.Word(),
		"refused", e.Kind == Refused, "timeout", e.Timeout(), "retry_after", e.RetryAfter)
}

// maxErrorText is how long the text of an error is.
const maxErrorText = 1 << 10

// Unwrap returns Err.
func (e *TokenError) Unwrap() error { return e.Err }

// Timeout reports whether the time ran out. With Temporary it makes a TokenError a
// net.Error.
func (e *TokenError) Timeout() bool {
	var timeout net.Error
	return errors.Is(e.Err, context.DeadlineExceeded) || errors.As(e.Err, &timeout) && timeout.Timeout()
}

// Temporary reports whether asking again later may help.
func (e *TokenError) Temporary() bool { return e.Kind == Outage }

// Is reports whether target is the sentinel of e's Kind or its Reason, or
// context.DeadlineExceeded if the time ran out, however the transport says so.
func (e *TokenError) Is(target error) bool {
	switch target {
	case context.DeadlineExceeded:
		return e.Timeout()
	case ErrOutage:
		return e.Kind == Outage
	case ErrRefused:
		return e.Kind == Refused
	case ErrMalformed:
		return e.Kind == Malformed
	}
	return target == e.Reason
}

// As sets a *reason.Reason to e's, if that is known.
func (e *TokenError) As(target any) bool {
	r, ok := target.(*reason.Reason)
	if ok = ok && e.Reason != reason.Unknown; ok {
		*r = e.Reason
	}
	return ok
}

// ProxyError is a proxy that does not let a token request through to the gateway, which
// has not seen it: an Outage, whose Err it is. It comes from the package's own transport.
type ProxyError = roundtrip.ProxyError

// AnswerError is what came instead of an answer: a switch of protocols (status 101) that
// nobody asked for, which is Malformed, or nothing at all from a Base.
type AnswerError = roundtrip.AnswerError

// unanswered says what became of a request that has no answer.
func unanswered(ctx context.Context, err error) *TokenError {
	var none *AnswerError
	if errors.As(err, &none) && none.Status != 0 {
		return &TokenError{Kind: Malformed, Status: none.Status, Err: fmt.Errorf("%w: check the token URL", none)}
	}
	return outage(ctx, redact.Unquoted(err))
}

// outage is what an exchange met that has no answer. How its context ended says more than
// the read that it broke; what ended it is another's error, unless it is our own time-out.
func outage(ctx context.Context, err error) *TokenError {
	if ended, cause := ctx.Err(), context.Cause(ctx); ended != nil {
		switch err = ended; {
		case cause == errTimeout && ended == context.DeadlineExceeded:
			err = errTimeout
		case cause.Error() != ended.Error():
			err = fmt.Errorf("%w (cause: %v)", ended, cause)
		}
	}
	return &TokenError{Kind: Outage, Err: err}
}

// statusError is the error for an answer that is not 200, of which body is the beginning,
// to a request with that signature.
func (g *Gateway) statusError(resp *http.Response, date time.Time, body []byte, signature string) *TokenError {
	e := &TokenError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), date), date: date}
	switch c := resp.StatusCode; {
	case c == http.StatusBadRequest, c == http.StatusUnauthorized, c == http.StatusForbidden:
		e.Kind = Refused
	case c >= 300 && c < 400:
		e.Kind = Malformed
		e.Err = fmt.Errorf("a redirect to %s, which a token request does not follow; %w", g.target(resp.Header.Get("Location"), signature), errExpected)
	case c < 300:
		e.Kind = Malformed
		e.Err = fmt.Errorf("a token response has status 200; %w", errExpected)
	}
	g.explain(e, resp, body)
	if c := e.Status; e.Reason == reason.Unknown && (c == http.StatusNotFound || c == http.StatusMethodNotAllowed) {
		e.Err = errExpected
	}
	return e
}

var errExpected = errors.New("expected is the token endpoint, whose path ends in /api/v1/Token: check the token URL")

// maxTarget is how long the origin of a redirect is, at most, to be shown.
const maxTarget = 300

// target names the origin that a redirect leads to, and no more of it: the rest may hold
// secrets.
func (g *Gateway) target(location, signature string) string {
	u, err := g.url.Parse(location)
	if location == "" || err != nil || u.Host == "" {
		return "nowhere"
	}
	shown, another := origin.Of(u), "another server"
	if len(shown) > maxTarget || strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return another
	}
	whole := u.Host + u.EscapedPath() + "?" + u.RawQuery // a secret with a slash in it ends in the path
	for _, secret := range []string{signature, g.cfg.Password.Reveal(), g.cfg.Key.Reveal()} {
		if redact.New(secret).In(whole) {
			return another
		}
	}
	return shown
}

// retryAfter reads both forms of the header; a date is compared with the Date of
// the same response, or with our clock if it has none. Digits beyond any range are the
// longest time.
func retryAfter(header string, date time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, ok := number.Parse(header); ok && header[0] != '+' { // RFC 9110: digits only
		return max(0, number.Duration(seconds, time.Second))
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	if date.IsZero() {
		date = time.Now()
	}
	return max(0, at.Sub(date))
}
