package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/advoware-go/advoware/internal/logvalue"
	"github.com/advoware-go/advoware/internal/sent"
)

// Request is one call of the API. It may be used again, and by several calls at a time
// unless it has an Answer or a body that can be read only once.
type Request struct {
	// Method is the HTTP method; empty means GET.
	Method string
	// Endpoint is the path under the base URL, "/employees" or "employees". It may
	// carry a query; Query is added to it. A URL is refused.
	Endpoint string
	Query    url.Values
	// Header is sent along, except that of the token, Authorization as a rule.
	Header http.Header
	// Body is sent as JSON; nil means no body, and a json.RawMessage is sent as it is.
	// Anything that is not JSON has to be a [Raw], as [Form] and [Multipart] make one:
	// an io.Reader, a []byte, url.Values, a struct without exported fields, and a string
	// that holds a JSON object or array are a [*RequestError]. Any other string is sent
	// as a JSON string, in quotes.
	Body any
	// Timeout bounds the call, token, retry and body included; 0 means the Client's,
	// negative means no bound but the context's. For Open it bounds how long nothing may
	// move instead.
	Timeout time.Duration
	// MaxAnswer is how many bytes of a good answer are held in memory, after it was
	// unpacked and decoded; 0 means the Client's, negative means no bound. A longer one
	// is ErrTooLong. For Each it is the bound of each element. For Open, which holds
	// nothing, it is the bound of the whole if it is positive.
	MaxAnswer int64
	// Field says where in the answer the wanted value is, if that is not the answer
	// itself: the name of a field, or of several one within another with a slash
	// between, "data/items" (a slash in a name is written ~1, a tilde ~0, as in RFC
	// 6901). A field that is not there is an error; of null, every field is null. Open
	// has no use for it, and refuses it.
	Field string
	// UseNumber makes numbers that are decoded into an interface a json.Number, which
	// holds whole numbers of any size, instead of a float64, which rounds beyond 2^53.
	UseNumber bool
	// Answer, if it is not nil, is set to the status and the header of a good answer, and
	// emptied by any other. Each sets it before the first element.
	Answer *Answer
}

// Answer is what a good answer says beside its body: the Location of what was made, an
// ETag, a count.
type Answer struct {
	Status int
	Header http.Header
}

// Call makes one call and returns the JSON of the answer as it was received, nil for an
// empty one. Text that is not UTF-8 is decoded, and a byte order mark left out.
//
// A status other than 2xx is an [*APIError]; whatever else goes wrong is a [*CallError],
// which says whether the request was sent, around one of these: a [*RequestError] for what
// cannot be sent; the error of the token.Source if no token was to be had; a
// [*RedirectError] for a redirect that would make something else of the request, an
// [*OriginError] for one that leaves the origin; ErrNotJSON for a 2xx answer that is
// neither empty nor JSON, ErrCharset for one in an unreadable character set, ErrTooLong
// for one longer than MaxAnswer. A call that ran out of time, or was cancelled, matches
// ctx.Err() or context.DeadlineExceeded, and says so by Timeout.
//
// Nothing is retried but a 401, once; net/http itself sends a GET again when an idle
// connection turns out to be closed.
func (c *Client) Call(ctx context.Context, r Request) (json.RawMessage, error) {
	r.apply(nil)
	body, _, err := c.called(ctx, &r, json.Valid)
	return body, err
}

// called is Call, and returns its state too. valid reports whether the answer is JSON, and
// may decode it at the same time.
func (c *Client) called(ctx context.Context, r *Request, valid func([]byte) bool) (json.RawMessage, *callState, error) {
	n := new(callState)
	var body json.RawMessage
	err := c.exchange(ctx, r, n, func(resp *http.Response) (err error) {
		body, err = c.readJSON(r, n, resp, valid)
		return err
	})
	return body, n, c.failed(ctx, r, n, err)
}

// failed logs the error of a call, if there is one, and says which call it was.
func (c *Client) failed(ctx context.Context, r *Request, n *callState, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := err.(*APIError); !ok { // one within is of another call: of what makes the body, say
		opposite := ErrMaybeDone
		if n.sent {
			opposite = ErrNotSent
		}
		err = &CallError{Method: r.Method, Endpoint: pathOf(r.Endpoint), Sent: n.sent, Err: sent.Without(err, opposite)}
	}
	if c.usable(ctx) == nil && c.transport.Logger.Enabled(ctx, c.transport.Level.Level()) {
		c.transport.Logger.LogAttrs(ctx, c.transport.Level.Level(), "api call failed",
			slog.String("method", r.Method), slog.String("path", pathOf(r.Endpoint)), slog.Any("error", logvalue.Text(err)))
	}
	return err
}

// usable returns an error if a call cannot even begin.
func (c *Client) usable(ctx context.Context) error {
	switch {
	case c == nil || c.transport == nil:
		return &RequestError{Err: errors.New("the Client is nil, or was not made by New")}
	case ctx == nil:
		return &RequestError{Err: errors.New("the context is nil: give it context.Background() if you have none")}
	}
	return nil
}

// exchange sends a Request and passes the answer to read, if its status is 2xx.
func (c *Client) exchange(ctx context.Context, r *Request, n *callState, read func(*http.Response) error) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	timeout := cmp.Or(r.Timeout, c.transport.timeout)
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	resp, err := c.send(ctx, r, n, "application/json", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return read(resp)
}

// send sends a Request and returns the answer, if its status is 2xx. watched, if it is not
// nil, wraps each reader of the Request's body.
func (c *Client) send(ctx context.Context, r *Request, n *callState, accept string, watched func(io.ReadCloser) io.ReadCloser) (*http.Response, error) {
	if r.Answer != nil {
		*r.Answer = Answer{}
	}
	n.Context = ctx
	req, err := c.request(n, r, accept, watched)
	if err != nil {
		return nil, err
	}
	n.own = req
	resp, err := c.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // it has the URL in it, and a query may be confidential
		}
		return nil, err
	}
	n.body = answerBody{resp.Body, n, n.token}
	resp.Body = &n.body
	if resp.StatusCode > 299 {
		defer resp.Body.Close()
		return nil, apiError(req, resp, n)
	}
	if r.Answer != nil {
		*r.Answer = Answer{Status: resp.StatusCode, Header: resp.Header}
	}
	return resp, nil
}
