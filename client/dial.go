package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/advoware-go/advoware/client/attempt"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/sentence"
	"github.com/advoware-go/advoware/store"
)

// Dial opens a websocket of the API with the token, by a library of the caller's: dial gets the
// URL, ws or wss, and a header with the token for the handshake. The DialContext of
// gorilla/websocket is such a function; of coder/websocket it is a Dial with the header in its
// DialOptions.
//
//	conn, err := client.Dial(ctx, c, "/live", websocket.DefaultDialer.DialContext)
//
// The URL is that of the endpoint at the present address, so that the token goes nowhere else;
// dial must not follow redirects. One that was followed to another origin is an [*OriginError],
// and the token is rejected. After a 401 exactly this token is rejected, and dial called once
// more with another one; see attempt.Do. At an address that an office has left it is called
// again at the new one.
//
// Config.Timeout bounds the whole, as the end of the context that dial gets. Errors are those of
// Call: an [*APIError] if the handshake was answered with another status than 101. A Client
// that is ReadOnly opens none. How dial connects is its own affair: it does not know of
// Config.Base and Config.TLS.
func Dial[C any](ctx context.Context, c *Client, endpoint string, dial func(ctx context.Context, url string, header http.Header) (C, *http.Response, error)) (conn C, err error) {
	if err := c.usable(ctx); err != nil {
		return conn, err
	} else if dial == nil {
		return conn, &RequestError{Err: errors.New("the function that dials is nil")}
	}
	d := dialing{c: c}
	d.try = func(ctx context.Context, u string, h http.Header) (*http.Response, error) {
		got, resp, err := dial(ctx, u, h)
		conn = got
		return resp, err
	}
	d.close = func() {
		switch open := any(conn).(type) {
		case interface{ CloseNow() error }:
			_ = open.CloseNow()
		case io.Closer:
			_ = open.Close()
		}
	}
	if err = d.do(ctx, endpoint); err != nil {
		var none C
		conn = none
	}
	return conn, c.failed(ctx, &Request{Method: http.MethodGet, Endpoint: endpoint}, &d.callState, err)
}

// dialing is one Dial.
type dialing struct {
	callState
	c        *Client
	try      func(context.Context, string, http.Header) (*http.Response, error)
	close    func() // what try opened
	attempts int
	answered bool        // the last one
	refused  store.Token // by the first 401
}

func (d *dialing) do(ctx context.Context, endpoint string) error {
	t := d.c.transport
	u, err := origin.Join(d.c.transport.Origin, endpoint)
	switch {
	case err != nil:
		return &RequestError{Err: err}
	case t.closed.Load():
		return token.ErrClosed
	case t.ReadOnly:
		return &RequestError{Err: errors.Join(ErrReadOnly, errors.New("what goes through a websocket cannot be looked at"))}
	}
	if limit := d.c.transport.timeout; limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	err = attempt.Do(ctx, d.c.source, func(ctx context.Context, found token.Found) (attempt.Outcome, error) {
		at, err := t.find(ctx, found)
		if err != nil {
			return attempt.Unknown, err
		}
		outcome, err := d.attempt(ctx, u, at, found)
		if outcome == attempt.Accepted && d.refused.Equal(found.Token) {
			t.counts.Contradicted()
		}
		if outcome != attempt.Unknown || d.answered || errors.Is(err, context.Canceled) {
			return outcome, err
		}
		t.Discovery.Suspect(at) // beside, for a call that has no time left
		now := t.Discovery.Moved(foundhook.WithRest(ctx, found), at)
		if now == nil || origin.Same(now.API, at.API) || ctx.Err() != nil {
			return outcome, err
		}
		return d.attempt(ctx, u, now, found)
	})
	if d.attempts == 0 {
		t.counts.Lookup(0, false, false, err)
	}
	if final, ok := errors.AsType[*attempt.Error](err); ok {
		if api, ok := errors.AsType[*APIError](final.Err); ok {
			api.TokenErr = ended(ctx, final.TokenErr)
			return api
		}
	}
	return ended(ctx, err)
}

// attempt dials once.
func (d *dialing) attempt(ctx context.Context, endpoint *url.URL, at *discovery.Addresses, found token.Found) (_ attempt.Outcome, err error) {
	t, u := d.c.transport, *endpoint
	if at != nil {
		u.Scheme, u.Host = at.API.Scheme, at.API.Host
	}
	get := (&http.Request{Method: http.MethodGet, URL: &u}).WithContext(ctx)
	name, value := t.lines.Of(t.tokenHeader(), found.Token)
	t.counts.Lookup(int(found.Origin), found.Waited, found.FarWait > 0, nil)
	if d.attempts++; d.attempts > 1 {
		t.counts.More()
	}
	d.beginAttempt(found.Token)
	resp, err := d.try(ctx, "ws"+strings.TrimPrefix(u.String(), "http"), http.Header{name: slices.Clone(value), "User-Agent": {d.c.userAgent}})
	status := 0
	if d.answered = resp != nil; d.answered {
		status = resp.StatusCode
	}
	defer func() { t.log(get, found, status, err) }()
	if sentTo := origin.Answered(resp); sentTo != nil && !t.ours(sentTo) {
		if err == nil {
			d.close()
		}
		_ = d.c.source.Reject(ctx, found.Token) // another server has it
		return attempt.Unknown, &OriginError{Origin: origin.Of(t.api()), Target: origin.Of(sentTo), Redirect: true}
	}
	if err == nil && status < 300 { // some libraries return a refusal without an error
		return attempt.Accepted, nil
	}
	if status < 300 {
		return attempt.Unknown, met(ctx, addressed(at, d.redactor(found.Token).Error(err)))
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	resp.Request = nil // of the library's own, at another URL perhaps
	api := apiError(get, resp, &d.callState)
	_ = resp.Body.Close()
	switch {
	case status == http.StatusUnauthorized:
		t.counts.Unauthorized()
		if sentence.SparesToken(resp.Status, api.Body, asked(get)...) {
			t.counts.Spared()
			return attempt.Unknown, api
		}
		if d.refused.IsZero() {
			d.refused = found.Token
		} else if !d.refused.Equal(found.Token) {
			t.counts.Second()
		}
		return attempt.Refused, api
	case status < 500:
		return attempt.Accepted, api
	}
	return attempt.Unknown, api
}
