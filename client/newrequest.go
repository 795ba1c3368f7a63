package client

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/advoware-go/advoware/internal/origin"
)

// NewRequest returns a request for Do, or for the HTTPClient: the endpoint is joined to
// the base URL as Call does it, query may be nil, and body may be anything. An io.Reader
// or a []byte is sent as it is, with a Content-Type that the caller sets; a [Raw], a form
// or a multipart one among them, has its own; anything else is written as JSON, as by
// Call. What can be had again has a GetBody, so that it is sent again after a 401, 307 or
// 308; for what becomes of a Reader see Raw. An error is a [*RequestError].
func (c *Client) NewRequest(ctx context.Context, method, endpoint string, query url.Values, body any) (*http.Request, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	switch b := body.(type) {
	case []byte:
		body = Raw{Reader: bytes.NewReader(b)}
	case io.Reader:
		body = Raw{Reader: b}
	}
	return c.request(ctx, &Request{Method: method, Endpoint: endpoint, Query: query, Body: body}, "", nil)
}

// request builds the HTTP request of a Request. watched, if it is not nil, wraps each reader
// of its body.
func (c *Client) request(ctx context.Context, r *Request, accept string, watched func(io.ReadCloser) io.ReadCloser) (*http.Request, error) {
	u, err := origin.Join(c.transport.Origin, r.Endpoint)
	if err != nil {
		return nil, &RequestError{Err: err}
	}
	if len(r.Query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += r.Query.Encode()
	}
	sent, err := contentOf(r.Body)
	if err != nil {
		return nil, &RequestError{Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, "", nil)
	if err != nil {
		return nil, &RequestError{Err: err}
	}
	req.URL, req.Host = u, u.Host // as they are: written down and parsed again they would be the same
	if err := sent.Into(req, watched); err != nil {
		return nil, &RequestError{Err: err}
	}
	lines := make([]string, 0, 3) // one allocation for all
	for _, line := range [...]struct{ name, value string }{{"Accept", accept}, {"User-Agent", c.userAgent}, {"Content-Type", sent.Type}} {
		if line.value != "" {
			lines = append(lines, line.value)
			req.Header[line.name] = lines[len(lines)-1 : len(lines) : len(lines)]
		}
	}
	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	return req, nil
}
