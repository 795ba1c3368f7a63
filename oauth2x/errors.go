package oauth2x

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/advoware-go/advoware/store/lease"
)

// ErrRefused is matched by the failure of a token request whose credentials the server
// refused: also by one that another process met.
var ErrRefused = errors.New("oauth2x: the credentials were refused")

// Errors is the token.Config.Errors for [Fetch]. The codes of RFC 6749, 5.2, that are about
// the credentials, and the statuses 400, 401 and 403 without a code, are refusals: they are
// left alone for a minute by all processes with the same credentials. Anything else is an
// outage. A Retry-After is heeded.
type Errors struct{}

// refusals are the codes that no repetition heals.
var refusals = map[string]bool{
	"invalid_client": true, "invalid_grant": true, "unauthorized_client": true,
	"unsupported_grant_type": true, "invalid_scope": true, "invalid_request": true, "access_denied": true,
}

// Classify says what kind of failure err is.
func (Errors) Classify(err error) lease.Failure {
	e, ok := errors.AsType[*retrieveError](err)
	if !ok {
		return lease.Failure{}
	}
	return lease.Failure{Refused: e.refused, Pause: e.pause}
}

// Sentinel returns ErrRefused for a refusal.
func (Errors) Sentinel(f lease.Failure) error {
	if f.Refused {
		return ErrRefused
	}
	return nil
}

// retrieveError is an oauth2.RetrieveError without its body, in which a server may repeat
// what it was sent.
type retrieveError struct {
	code    string
	status  int
	refused bool
	pause   time.Duration
}

// shown returns the error of a TokenSource without the body of an answer.
func shown(err error) error {
	e, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return fmt.Errorf("oauth2x: %w", err)
	}
	r := &retrieveError{code: e.ErrorCode}
	if !known(r.code) {
		r.code = ""
	}
	if e.Response != nil {
		r.status = e.Response.StatusCode
		r.pause = retryAfter(e.Response.Header)
	}
	switch r.status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		r.refused = r.code == "" || refusals[r.code]
	default:
		r.refused = refusals[r.code]
	}
	return r
}

// retryAfter reads both forms of the header; a date is compared with the Date of the same
// answer, or with our clock if it has none.
func retryAfter(h http.Header) time.Duration {
	const most = 24 * time.Hour
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(0, seconds), int(most/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(0, at.Sub(now)), most)
}

// known reports whether a code is one of the RFC: a server can write anything there.
func known(code string) bool {
	return refusals[code] || code == "temporarily_unavailable" || code == "server_error"
}

func (e *retrieveError) Error() string {
	text := "oauth2x: the token request failed"
	if e.status != 0 {
		text += fmt.Sprintf(" with status %d", e.status)
	}
	if e.code != "" {
		text += ": " + e.code
	}
	return text
}

// Is reports whether target is ErrRefused and it was a refusal.
func (e *retrieveError) Is(target error) bool { return target == ErrRefused && e.refused }
