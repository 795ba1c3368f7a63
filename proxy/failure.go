package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// Kind says why the proxy has answered itself, in place of an office. It is in the header
// Advoware-Proxy-Error and in the body.
type Kind string

// The kinds of answers that the proxy makes itself, each with its status.
const (
	BadRequest    Kind = "bad_request"    // 400: the request, or its body, cannot be read
	BadEndpoint   Kind = "bad_endpoint"   // 400: the parameter endpoint cannot be used
	WrongKey      Kind = "wrong_key"      // 401: the key is missing or wrong
	ForeignOrigin Kind = "foreign_origin" // 403: a page of a web site asks
	PathRefused   Kind = "path_refused"   // 403: the path is not on the list of what is allowed
	UnknownOffice Kind = "unknown_office" // 404: no office is served under this host and path
	ReadOnly      Kind = "read_only"      // 405: only reading is permitted
	MethodRefused Kind = "method_refused" // 405: CONNECT and TRACE are not passed on
	SlowClient    Kind = "slow_client"    // 408: the body of the request does not arrive
	WrongHost     Kind = "wrong_host"     // 421: the Host is not one of the proxy
	NoUpgrade     Kind = "no_upgrade"     // 501: another protocol, such as WebSocket, is not passed on
	Refused       Kind = "refused"        // 502: the gateway refuses the credentials of the office
	Certificate   Kind = "certificate"    // 502: the certificate of the API is not accepted
	Redirect      Kind = "redirect"       // 502: the office redirects to somewhere else
	Network       Kind = "network"        // 502: the office was not reached, or did not answer
	Busy          Kind = "busy"           // 503: too many requests are under way
	NotConnected  Kind = "not_connected"  // 503: the server of the office is off
	GatewayDown   Kind = "gateway_down"   // 503: the gateway has no token at present
	NoAddress     Kind = "no_address"     // 503: where the office is reached is not known
	Store         Kind = "store"          // 503: the store of tokens does not work
	Closing       Kind = "closing"        // 503: the proxy is being ended
	Timeout       Kind = "timeout"        // 504: nothing came from the office for too long
	ClientLeft    Kind = "client_left"    // in the log only: nobody waits for the answer
)

// statuses has the status of each Kind.
var statuses = map[Kind]int{
	BadRequest: 400, BadEndpoint: 400, WrongKey: 401, ForeignOrigin: 403, PathRefused: 403, UnknownOffice: 404,
	ReadOnly: 405, MethodRefused: 405, SlowClient: 408, WrongHost: 421, NoUpgrade: 501,
	Refused: 502, Certificate: 502, Redirect: 502, Network: 502,
	Busy: 503, NotConnected: 503, GatewayDown: 503, NoAddress: 503, Store: 503, Closing: 503, Timeout: 504,
}

// Status returns the status that answers of this Kind have, 0 for a Kind that is none.
func (k Kind) Status() int { return statuses[k] }

// What is known of a request that was answered by the proxy.
const (
	notSent   = "not_sent"   // it did not reach the office
	maybeDone = "maybe_done" // it may have been carried out
)

// failure is an answer that the proxy makes itself.
type failure struct {
	Kind
	message string
	reason  reason.Reason // of the vendor
	outcome string        // notSent, maybeDone, or "" for a read
	after   time.Duration // for Retry-After; 0 means none
	cause   error         // for the log
}

// failureOf says what an error of the transport is to a client: which kind, and no address.
func (x *exchange) failureOf(err error) *failure {
	var leaves *redirectError
	if errors.As(err, &leaves) {
		return redirected(x.method, leaves)
	}
	f := &failure{Kind: Network, message: "the office was not reached", cause: err}
	switch {
	case errors.Is(err, client.ErrNotSent):
		f.outcome = notSent
	case x.method != http.MethodGet && x.method != http.MethodHead && x.method != http.MethodOptions:
		f.outcome = maybeDone
	}
	if f.outcome != notSent {
		f.message = "the office did not answer"
	}
	if slow := x.upload.problem(); slow != nil && f.outcome != notSent {
		slow.outcome = f.outcome
		return slow
	}
	f.classify(err)
	if x.watch.Ended(context.Cause(x.watched)) {
		f.Kind, f.message = Timeout, "nothing came from the office for "+x.proxy.cfg.OfficeStall.String()
	}
	return f
}

// classify finds the kind of an error.
func (f *failure) classify(err error) {
	var (
		fetch   *token.FetchError
		tok     *gateway.TokenError
		request *client.RequestError
		cert    *client.CertificateError
		none    *client.AnswerError
		proxy   *client.ProxyError
		timeout net.Error
	)
	_ = errors.As(err, &f.reason)
	switch {
	case errors.Is(err, client.ErrReadOnly):
		f.Kind, f.message = ReadOnly, strings.TrimPrefix(err.Error(), "client: ")
	case errors.As(err, &request):
		f.Kind, f.message = BadRequest, strings.TrimPrefix(err.Error(), "client: ")
	case errors.As(err, &fetch):
		f.refused(fetch.Refused)
		f.after = max(time.Second, time.Until(fetch.NextAttempt))
	case errors.As(err, &tok):
		f.refused(tok.Kind == gateway.Refused)
		f.after = max(time.Second, tok.RetryAfter)
	case errors.Is(err, discovery.ErrNoAddress):
		f.Kind, f.message, f.after = NoAddress, "where the office is reached is not known: the vendor's service for that does not say", time.Second
	case errors.Is(err, token.ErrClosed) || errors.Is(err, discovery.ErrClosed):
		f.Kind, f.message, f.after = Closing, "the proxy is being ended", time.Second
	case errors.Is(err, store.ErrIdentity) || errors.Is(err, token.ErrStore):
		f.Kind, f.message, f.after = Store, "the store of tokens cannot be used", time.Second
	case errors.As(err, &cert):
		f.Kind, f.message = Certificate, "the certificate of the API is not accepted: advoware doctor says why"
	case errors.As(err, &proxy):
		f.message = "an HTTP proxy on the way to the office refused"
	case errors.As(err, &none):
		f.message = "what the office sent is no answer"
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		f.Kind, f.message = Timeout, "the office did not answer in time"
	}
}

// refused is for a token request that brought no token.
func (f *failure) refused(credentials bool) {
	switch {
	case f.reason == reason.NotConnected:
		f.Kind = NotConnected
	case credentials:
		f.Kind = Refused
	default:
		f.Kind = GatewayDown
	}
	f.message = "there is no token for the office: the gateway does not answer"
	if f.reason != reason.Unknown {
		f.message = "there is no token for the office: " + f.reason.String() + ": " + f.reason.Advice()
	} else if credentials {
		f.message = "there is no token for the office: the gateway refuses its credentials"
	}
}
