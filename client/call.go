package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/store"
)

// Request is one call of the API.
type Request struct {
	// Method is the HTTP method; empty means GET.
	Method string
	// Endpoint is the path under the base URL, "/employees" or "employees". It may
	// carry a query; Query is added to it. A URL is refused.
	Endpoint string
	Query    url.Values
	// Header is sent along, except Authorization.
	Header http.Header
	// Body is sent as JSON; nil means no body, and a json.RawMessage is sent as it
	// is. For anything but JSON use Client.Do.
	Body any
	// Timeout bounds the call, token, retry and body included; 0 means the Client's,
	// negative means no bound but the context's.
	Timeout time.Duration
}

// Call makes one call and returns the JSON of the answer as it was received, nil
// for an empty one.
//
// A status other than 2xx is an [*APIError]. A 2xx answer that is neither empty nor
// JSON is ErrNotJSON, a redirect out of the origin an [*OriginError], a call that
// found no token the error of the token.Source. Nothing is retried but a 401, once;
// net/http itself sends a GET again when an idle connection turns out to be closed.
func (c *Client) Call(ctx context.Context, r Request) (json.RawMessage, error) {
	body, _, err := c.called(ctx, r, json.Valid)
	return body, err
}

// called is Call, and the token that it was made with. It asks valid whether the
// answer is JSON, which may decode it by the way.
func (c *Client) called(ctx context.Context, r Request, valid func([]byte) bool) (json.RawMessage, store.Token, error) {
	var n notes
	var body json.RawMessage
	err := c.exchange(ctx, &r, &n, func(resp *http.Response) error {
		whole, err := readAll(resp)
		if err != nil {
			return fmt.Errorf("reading the answer: %w", newHider(n.token).error(err))
		}
		body, err = asJSON(resp, whole, n.token, valid)
		return err
	})
	return body, n.token, c.failed(ctx, &r, err)
}

// failed logs the error of a call, if there is one, and says which call it was.
func (c *Client) failed(ctx context.Context, r *Request, err error) error {
	if err == nil {
		return nil
	}
	var api *APIError
	if !errors.As(err, &api) {
		err = &CallError{Method: r.Method, Endpoint: pathOf(r.Endpoint), Err: err}
	}
	c.cfg.Logger.ErrorContext(ctx, "api call failed", "method", r.Method, "path", pathOf(r.Endpoint), "error", err)
	return err
}

// exchange sends a Request and lets read have the answer, if its status is 2xx.
func (c *Client) exchange(ctx context.Context, r *Request, n *notes, read func(*http.Response) error) error {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	timeout := c.cfg.Timeout
	if r.Timeout != 0 {
		timeout = r.Timeout
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	req, err := c.request(context.WithValue(ctx, notesKey{}, n), r)
	if err != nil {
		return err
	}
	n.own = req
	resp, err := c.call.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err // it would repeat the URL, and a query may be nobody's business
		}
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return apiError(req, resp, n)
	}
	return read(resp)
}

const (
	// mostAhead is how much room an answer gets for its word that it is so long.
	mostAhead = 1 << 20
	// usualAnswer is how much room one gets that does not say how long it is: a server
	// that does not know when it begins has more than a line to say.
	usualAnswer = 4 << 10
)

// readAll is io.ReadAll for a body whose length is usually known.
func readAll(resp *http.Response) ([]byte, error) {
	size := resp.ContentLength
	if size < 0 {
		size = usualAnswer
	}
	// ReadFrom wants that much room to see the end.
	body := bytes.NewBuffer(make([]byte, 0, min(size, mostAhead)+bytes.MinRead))
	_, err := body.ReadFrom(resp.Body)
	return body.Bytes(), err
}

// request builds the HTTP request of a Request.
func (c *Client) request(ctx context.Context, r *Request) (*http.Request, error) {
	u, err := origin.Join(c.base, r.Endpoint)
	if err != nil {
		return nil, &RequestError{Err: err}
	}
	if len(r.Query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += r.Query.Encode()
	}
	var body io.Reader
	if r.Body != nil {
		b, err := encode(r.Body)
		if err != nil {
			return nil, &RequestError{Err: fmt.Errorf("the body cannot be written as JSON: %w", err)}
		}
		body = bytes.NewReader(b) // has GetBody, so that it can be sent again
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, "", body)
	if err != nil {
		return nil, &RequestError{Err: err}
	}
	req.URL, req.Host = u, u.Host // as they are: written down and parsed again they would be the same
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	return req, nil
}

// encode writes v as JSON, without the escapes that are only for HTML.
func encode(v any) ([]byte, error) {
	if raw, ok := v.(json.RawMessage); ok {
		if !json.Valid(raw) {
			return nil, errors.New("not valid JSON")
		}
		return raw, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// asJSON returns the body of a 2xx answer if it is JSON, nil if it is empty. A byte
// order mark is no part of it.
func asJSON(resp *http.Response, body []byte, tok store.Token, valid func([]byte) bool) (json.RawMessage, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil
	}
	if !valid(body) {
		return nil, notJSON(resp, len(body), tok)
	}
	return body, nil
}

func notJSON(resp *http.Response, size int, tok store.Token) error {
	h := newHider(tok)
	after := ""
	if resp.Request != nil && resp.Request.Response != nil { // a log-in page, as a rule
		after = ", after a redirect to " + h.hide(nameOf(resp.Request.URL))
	}
	return fmt.Errorf("%w: status %d, %d bytes of %.100q%s", ErrNotJSON, resp.StatusCode, size, h.hide(resp.Header.Get("Content-Type")), after)
}
