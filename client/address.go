package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/replay"
	"github.com/advoware-go/advoware/internal/sent"
)

// BaseURL returns where the API is reached: Config.BaseURL, or the address that
// Config.Discovery has found. It waits for that if nothing is known yet, and fails as a
// call would: with an error that matches discovery.ErrNoAddress, or ctx.Err(). An office
// may move later; a request for Config.BaseURL follows it, one for what BaseURL returned
// does not.
func (c *Client) BaseURL(ctx context.Context) (*url.URL, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	u := *c.transport.Origin
	if d := c.transport.Discovery; d != nil {
		at, err := d.Find(ctx)
		if err != nil {
			return nil, ended(ctx, err)
		}
		u.Scheme, u.Host = at.API.Scheme, at.API.Host
	}
	return &u, nil
}

// present returns where the API is reached now, nil if that is Origin, or not known yet.
func (t *Transport) present() *discovery.Addresses {
	if t.Discovery == nil {
		return nil
	}
	return t.Discovery.Present()
}

// api returns the present origin.
func (t *Transport) api() *url.URL {
	if at := t.present(); at != nil {
		return at.API
	}
	return t.Origin
}

// ours reports whether a URL is one of the API: of Origin, which stands for wherever that is
// now, or of the present address.
func (t *Transport) ours(u *url.URL) bool {
	return origin.Same(u, t.Origin) || origin.Same(u, t.api())
}

// find returns the present address for a request, nil if that is Origin. found is its
// token, which came first: in a fleet that starts, one process asks for both.
func (t *Transport) find(ctx context.Context, found token.Found) (*discovery.Addresses, error) {
	if at := t.present(); at != nil || t.Discovery == nil {
		return at, nil
	}
	at, err := t.Discovery.Find(foundhook.WithRest(ctx, found))
	if err != nil {
		return nil, ended(ctx, err)
	}
	return at, nil
}

// readdressed is a copy of a request with a URL of its own.
type readdressed struct {
	http.Request
	url url.URL
}

// copiedTo returns a copy of a request that leads to the present address.
func copiedTo(req *http.Request, at *discovery.Addresses) *http.Request {
	if at == nil || req.URL.Host == at.API.Host && req.URL.Scheme == at.API.Scheme {
		return copied(req)
	}
	out := &readdressed{*req, *req.URL}
	out.url.Scheme, out.url.Host = at.API.Scheme, at.API.Host
	out.Request.URL = &out.url
	return &out.Request
}

// addressed names the address at which a request met err.
func addressed(at *discovery.Addresses, err error) error {
	if at == nil {
		return err
	}
	return &addressError{origin.Of(at.API), err}
}

// addressError is an error of a request to a discovered address.
type addressError struct {
	address string
	err     error
}

func (e *addressError) Error() string   { return e.address + ": " + e.err.Error() }
func (e *addressError) Unwrap() error   { return e.err }
func (e *addressError) Timeout() bool   { return sent.TimedOut(e.err) }
func (e *addressError) Temporary() bool { return sent.TimedOut(e.err) }

// unanswered has the address looked for again at which a request met err, and sends the
// request to the new one, once, if it was certainly not sent. Otherwise err stands.
func (t *Transport) unanswered(req *http.Request, found token.Found, at *discovery.Addresses, kept *replay.Body, err error) (*http.Response, error) {
	ctx := req.Context()
	var none *AnswerError
	switch {
	case at == nil || errors.Is(err, context.Canceled) || errors.As(err, &none):
		return nil, err
	case ctx.Err() != nil || !errors.Is(err, ErrNotSent):
		t.Discovery.Suspect(at)
		return nil, err
	}
	ctx = foundhook.WithRest(ctx, found)
	kept.Pause()
	now := t.Discovery.Moved(ctx, at)
	if now == nil || origin.Same(now.API, at.API) || !replay.Replayable(req, kept) {
		return nil, err
	}
	if t.left.Swap(at) != at { // its connections serve nobody any more
		bounded.Run(t.CloseIdleConnections)
	}
	body, ok := replay.Second(req, kept)
	if !ok {
		return nil, err
	}
	return t.send(req, found, now, body, callStateOf(ctx), false, 1)
}
