package gateway

import (
	"errors"
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/internal/sentence"
	"github.com/advoware-go/advoware/store/lease"
)

// Sentinels for errors.Is, one for each Reason that is known. They are the constants of
// package reason, found in whatever wraps a TokenError and in what another process met.
var (
	// ErrWrongCredentials: do not try again with the same; the account may get locked.
	ErrWrongCredentials error = reason.WrongCredentials
	// ErrNotEnabled: the vendor has to enable the App-ID or the employee for the Kanzlei.
	ErrNotEnabled error = reason.NotEnabled
	// ErrNotRegistered: the Kanzlei or its database is not known to the vendor.
	ErrNotRegistered error = reason.NotRegistered
	// ErrNotConnected: the server of the office is off. It heals by itself.
	ErrNotConnected error = reason.NotConnected
	// ErrClock: the request was taken for an old or a repeated one.
	ErrClock error = reason.Clock
	// ErrLicence: no licence is left, or it has run out.
	ErrLicence error = reason.Licence
)

// notConnectedPause is how long an office that is not connected is left alone unless the
// gateway says something else. The vendor's own programs tell their clients the same.
const notConnectedPause = 70 * time.Second

// explain gives an error of resp, of which body is the beginning, its Reason, and the
// Kind that follows from it whatever the status was: by the status alone, a password that is
// refused with 500 would be tried again every few seconds, and lock the account.
func (g *Gateway) explain(e *TokenError, resp *http.Response, body []byte) {
	c := &g.cfg
	switch e.Reason = sentence.OfAnswer(resp.Status, body, c.App, c.Kanzlei, c.Database, c.User, c.Password.Reveal()); e.Reason {
	case reason.WrongCredentials, reason.NotEnabled, reason.NotRegistered:
		e.Kind = Refused
	case reason.NotConnected:
		e.Kind = Outage
	case reason.Unknown:
		if mayBeStale(e.Status) && aboutNonceOrTime(body) {
			e.Kind, e.Reason = Outage, reason.Clock // it says nothing of the credentials
		}
	}
}

// Errors tells client/token what it has to know of Fetch errors, as its token.Errors.
type Errors struct{}

// Classify says whether the credentials were refused and why, for whom that holds, and how
// long the gateway wants to be left alone: 70 s if the office is not connected and it did
// not say.
func (Errors) Classify(err error) lease.Failure {
	var e *TokenError
	if !errors.As(err, &e) {
		return lease.Failure{}
	}
	f := lease.Failure{Refused: e.Kind == Refused, Reason: e.Reason.Word(), Pause: e.RetryAfter}
	if e.Reason == reason.NotConnected {
		f.Shared = true // the gateway was reached, and speaks of the Kanzlei
		if f.Pause == 0 {
			f.Pause = notConnectedPause
		}
	}
	return f
}

// Sentinel returns what a Fetch error that another process met matches: ErrRefused or
// ErrOutage, and its Reason, if that is known here.
func (Errors) Sentinel(f lease.Failure) error {
	kind := ErrOutage
	if f.Refused {
		kind = ErrRefused
	}
	if why := reason.Parse(f.Reason); why != reason.Unknown {
		return errors.Join(kind, why)
	}
	return kind
}
