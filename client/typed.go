package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/advoware-go/advoware/internal/jsonpart"
)

// Get calls GET and decodes the answer; query may be nil. An empty answer is the
// zero T, here as in all of these.
func Get[T any](ctx context.Context, c *Client, endpoint string, query url.Values, options ...Option) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodGet, Endpoint: endpoint, Query: query}, options...)
}

// Post calls POST with a JSON body and decodes the answer. For what a body may be, here
// as in Put and Patch, see Request.Body.
func Post[T any](ctx context.Context, c *Client, endpoint string, body any, options ...Option) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodPost, Endpoint: endpoint, Body: body}, options...)
}

// Put calls PUT with a JSON body and decodes the answer.
func Put[T any](ctx context.Context, c *Client, endpoint string, body any, options ...Option) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodPut, Endpoint: endpoint, Body: body}, options...)
}

// Patch calls PATCH with a JSON body and decodes the answer.
func Patch[T any](ctx context.Context, c *Client, endpoint string, body any, options ...Option) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodPatch, Endpoint: endpoint, Body: body}, options...)
}

// Delete calls DELETE. Its answer is usually empty; [Decode] makes something of one that is
// not.
func Delete(ctx context.Context, c *Client, endpoint string, options ...Option) error {
	_, err := Decode[json.RawMessage](ctx, c, Request{Method: http.MethodDelete, Endpoint: endpoint}, options...)
	return err
}

// Decode makes any call and decodes the answer. Its errors are those of Call, and
// those of encoding/json.
func Decode[T any](ctx context.Context, c *Client, r Request, options ...Option) (T, error) {
	r.apply(options)
	var v, zero T
	var mismatch error // JSON that is no T
	_, n, err := c.called(ctx, &r, func(body []byte) bool {
		mismatch = unmarshal(body, &v, r.UseNumber)
		return mismatch == nil || json.Valid(body)
	})
	switch {
	case err != nil:
		return zero, err
	case mismatch != nil:
		return zero, c.failed(ctx, &r, n, fmt.Errorf("decoding the answer into %T: %w", v, n.redactor(n.token).Error(mismatch)))
	}
	return v, nil
}

// unmarshal is json.Unmarshal, with numbers as json.Number or not. What is wanted as it is, is
// not copied.
func unmarshal[T any](body []byte, v *T, useNumber bool) error {
	if raw, ok := any(v).(*json.RawMessage); ok && json.Valid(body) {
		*raw = bytes.TrimSpace(body)
		return nil
	}
	if !useNumber {
		return json.Unmarshal(body, v)
	}
	if !json.Valid(body) { // a Decoder stops at the end of the first value
		return jsonpart.ErrSyntax
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return d.Decode(v)
}
