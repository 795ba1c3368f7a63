package client

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/internal/headertime"
	"github.com/advoware-go/advoware/internal/measure"
	"github.com/advoware-go/advoware/internal/replay"
	"github.com/advoware-go/advoware/internal/reserved"
	"github.com/advoware-go/advoware/internal/roundtrip"
	"github.com/advoware-go/advoware/internal/sent"
	"github.com/advoware-go/advoware/internal/tokenheader"
	"github.com/advoware-go/advoware/store"
)

// Transport is an http.RoundTripper that adds the token. After a 401 it
// rejects the token and, if there is another one and the body can be had again, asks
// once more; what a second 401 says is passed on. The second attempt has the same
// bytes in the same frame as the first, or there is none, and the first answer is
// the caller's. When refusals come in quick succession, a request whose body can be had
// any number of times goes out twice with the same token, the old one and the new one,
// because an endpoint that refuses now and then would cost a token request for each.
//
// A body can be had again with GetBody, or by seeking back to where it was, or
// because no more than ReplayLimit was read of it; not while a Read of it waits for
// input. One without GetBody is closed once, when no attempt needs it any more.
//
// The caller's request is left as it is, and is the Request of the Response. Only
// requests to Origin get the token; any other is sent without Authorization and TokenHeader,
// and without a Referer that names the Origin. Where a request goes is decided by the scheme
// and host of its URL alone: a Host of its own is not heeded, an opaque URL refused.
// CONNECT and Upgrade are refused too, and an answer that switches protocols is an
// [*AnswerError].
//
// If the target of a redirect has the token in it, that is "[redacted]" in the answer,
// and put back when the redirect is followed.
//
// Fill in the fields before the first use and leave them; it must not be copied
// after that.
type Transport struct {
	// Source has the tokens, a *token.Source for one; required.
	Source TokenSource
	// Origin is the server that the token is meant for, of which the scheme, host and
	// port count; required.
	Origin *url.URL
	// TokenHeader is the header that has the token; the zero value is "Authorization: Bearer …".
	TokenHeader TokenHeader
	// Discovery, if it is set, knows where the API is: what is meant for Origin is sent to
	// its present address, and the token goes nowhere else.
	Discovery *discovery.Finder
	// Base sends the requests; nil means a transport like that of a Client, which all
	// Transports without a Base share, or http.DefaultTransport, if that is none of
	// net/http's own. As for a Client, it must heed the contexts of requests.
	Base http.RoundTripper
	// ReplayLimit is how many bytes of a body without GetBody are kept, so that it can
	// be sent again after a 401; 0 means 1 MiB. A body that can seek needs no keeping,
	// however long it is. Negative means that no body without GetBody is sent again.
	ReplayLimit int
	// ReadOnly refuses requests other than GET, HEAD and OPTIONS, as Config.ReadOnly does.
	ReadOnly bool
	// Logger gets a record for each request; nil means slog.Default(). Level is that of
	// these records; nil means slog.LevelDebug.
	Logger *slog.Logger
	Level  slog.Leveler

	timeout time.Duration // until the header of an answer; Call has one of its own
	counts  measure.Calls
	lines   tokenheader.Lines
	closed  atomic.Bool // by Client.Close
	left    atomic.Pointer[discovery.Addresses]
}

// RoundTrip implements http.RoundTripper. If no token is to be had it returns the
// error of the Source, and an [*AnswerError] if what comes back is no answer. It closes
// the body of each request that it does not send.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.exchange(req)
	if err != nil && afterWrite(req) {
		err = sent.Maybe(err)
	}
	return resp, err
}

func (t *Transport) exchange(req *http.Request) (*http.Response, error) {
	var state *callState
	if req != nil {
		state = callStateOf(req.Context())
		state.setSent(false) // a redirect before it was answered
	}
	if err := t.checkRequest(req); err != nil {
		closeBody(req)
		return nil, sent.Not(err)
	}
	if t.closed.Load() { // the store may still have a token, and the Source would find it
		closeBody(req)
		return nil, sent.Not(token.ErrClosed)
	}
	switch {
	case t.timeout == 0 || state != nil || roundtrip.IsPassing(req.Context()): // by itself, for a Call, for a proxy
		return t.roundTrip(req)
	case t.timeout < 0:
		resp, err := t.roundTrip(req)
		if err == nil && resp.Body != http.NoBody {
			resp.Body = &answerBody{ReadCloser: resp.Body, ctx: req.Context()}
		}
		return resp, err
	}
	h, bounded := headertime.Within(t.timeout, req, met)
	resp, err := t.roundTrip(bounded)
	return h.Ended(req, resp, err)
}

func (t *Transport) roundTrip(req *http.Request) (*http.Response, error) {
	if !t.ours(req.URL) {
		return t.foreign(req)
	}
	state := callStateOf(req.Context())
	found, err := t.lookup(req.Context())
	var at *discovery.Addresses
	if err == nil {
		at, err = t.find(req.Context(), found)
	}
	if req.Response != nil { // the next hop of a redirect
		t.counts.More()
	}
	if ctx := req.Context(); err == nil && ctx.Err() != nil { // a hit does not look at ctx; the Base would, and not report that nothing was sent
		err = ended(ctx, context.Cause(ctx))
	}
	if err != nil {
		closeBody(req)
		return nil, sent.Not(err)
	}
	body, kept := t.firstBody(req)
	resp, err := t.send(req, found, at, body, state, state.isOwn(req), 0)
	if err != nil {
		resp, err = t.unanswered(req, found, at, kept, err)
	}
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		kept.Finish(false)
		return resp, err
	}
	return t.again(req, resp, found, kept)
}

// lookup returns a token that is valid by the wall clock too, at which a store that
// expires its tokens by a timer does not look. If the token would end before the
// request's deadline, a longer one is preferred.
func (t *Transport) lookup(ctx context.Context) (token.Found, error) {
	found, err := t.Source.Lookup(ctx, 0)
	if err == nil {
		now := time.Now()
		deadline, _ := ctx.Deadline() // without one, long ago
		if !outlasts(found.Token, now, deadline) {
			found, err = t.longer(ctx, found, now, deadline)
		}
	}
	t.counts.Lookup(int(found.Origin), found.Waited, found.FarWait > 0, err)
	return found, ended(ctx, err)
}

// outlasts reports whether a token certainly lasts beyond now and a deadline, by the wall
// clock and by the monotonic one. store.Remaining takes several times as long.
func outlasts(tok store.Token, now, deadline time.Time) bool {
	expiry := tok.Expiry()
	wait := max(0, deadline.Sub(now))
	return expiry.Sub(now) > wait && expiry.Unix()-now.Unix() > int64(wait/time.Second)+1
}

// longer returns a token for a request that the one found does not outlast, or may not.
func (t *Transport) longer(ctx context.Context, found token.Found, now, deadline time.Time) (token.Found, error) {
	left := store.Remaining(now, found.Token.Expiry())
	if 0 < left && left < deadline.Sub(now) {
		found = foundhook.Longer(ctx, found, deadline.Sub(now)).(token.Found)
		left = store.Remaining(time.Now(), found.Token.Expiry()) // it may have waited
	}
	if left <= 0 {
		return t.Source.Lookup(ctx, time.Nanosecond)
	}
	return found, nil
}

// send sends the request to the present address with the token and the given body: a copy
// of it, or, if it is the library's own, the request itself. resend is how many attempts came
// before it.
func (t *Transport) send(req *http.Request, found token.Found, at *discovery.Addresses, body io.ReadCloser, n *callState, own bool, resend int) (*http.Response, error) {
	out := req
	name, value := t.lines.Of(t.tokenHeader(), found.Token)
	if own {
		out.Header[name] = value
		if at != nil {
			out.URL.Scheme, out.URL.Host, out.Host = at.API.Scheme, at.API.Host, at.API.Host
		}
	} else {
		out = copiedTo(req, at)
		if req.Response != nil { // the target of a redirect, which may have had the token in it
			out.URL = unredacted(out, found.Token)
		}
		out.Header = reserved.With(req.Header, name, value)
		out.Host = "" // that of the URL, which was compared
	}
	guard(out, body)
	n.beginAttempt(found.Token)
	out, tr := t.traced(replay.Numbered(out, resend))
	resp, err := roundtrip.Exchange(t.base(), out)
	if err != nil {
		closeBody(out)
		err = sent.Of(met(req.Context(), addressed(at, n.redactor(found.Token).Error(err))), t.base(), tr)
		n.setSent(errors.Is(err, ErrMaybeDone))
		t.log(req, found, 0, err)
		return nil, err
	}
	if len(resp.Header["Location"]) > 0 {
		t.redactLocation(resp, found.Token)
	}
	t.log(req, found, resp.StatusCode, nil)
	resp.Request = req // the copy has the token in it
	return resp, nil
}

// traced returns a request whose attempt is traced, if it matters what became of it. The
// Trace is in the context of this attempt alone: a token request has the values of the
// call's, and may look for a connection while the call is under way.
func (t *Transport) traced(out *http.Request) (*http.Request, *sent.Trace) {
	if readOnly(out.Method) {
		return out, nil
	}
	return sent.Begin(t.base(), out)
}

// guard sets the body of a request, and wraps its GetBody, so that a panic in a body ends
// nothing but the request.
func guard(req *http.Request, body io.ReadCloser) {
	req.Body = roundtrip.Guarded(body)
	if get := req.GetBody; get != nil && req.Body != body {
		req.GetBody = func() (io.ReadCloser, error) {
			again, err := get()
			if err == nil {
				again = roundtrip.Guarded(again)
			}
			return again, err
		}
	}
}

// copied returns a shallow copy of a request.
func copied(req *http.Request) *http.Request {
	out := *req
	return &out
}

// CloseIdleConnections closes those of Base, if it can, for http.Client.
func (t *Transport) CloseIdleConnections() {
	if base, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	if _, ok := http.DefaultTransport.(*http.Transport); !ok {
		return http.DefaultTransport
	}
	return sharedBase()
}

// sharedBase is for Transports without a Base.
var sharedBase = sync.OnceValue(func() *roundtrip.Transport { return roundtrip.New(roundtrip.Options{API: true}) })
