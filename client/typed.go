package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Get calls GET and decodes the answer; query may be nil. An empty answer is the
// zero T, here as in all of these.
func Get[T any](ctx context.Context, c *Client, endpoint string, query url.Values) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodGet, Endpoint: endpoint, Query: query})
}

// Post calls POST with a JSON body and decodes the answer.
func Post[T any](ctx context.Context, c *Client, endpoint string, body any) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodPost, Endpoint: endpoint, Body: body})
}

// Put calls PUT with a JSON body and decodes the answer.
func Put[T any](ctx context.Context, c *Client, endpoint string, body any) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodPut, Endpoint: endpoint, Body: body})
}

// Patch calls PATCH with a JSON body and decodes the answer.
func Patch[T any](ctx context.Context, c *Client, endpoint string, body any) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodPatch, Endpoint: endpoint, Body: body})
}

// Delete calls DELETE and decodes the answer, which is usually empty.
func Delete[T any](ctx context.Context, c *Client, endpoint string) (T, error) {
	return Decode[T](ctx, c, Request{Method: http.MethodDelete, Endpoint: endpoint})
}

// Decode makes any call and decodes the answer. Its errors are those of Call, and
// those of encoding/json.
func Decode[T any](ctx context.Context, c *Client, r Request) (T, error) {
	r.Method = cmp.Or(r.Method, http.MethodGet)
	var v, zero T
	var unfit error // JSON that is no T
	_, tok, err := c.called(ctx, r, func(body []byte) bool {
		unfit = json.Unmarshal(body, &v)
		return unfit == nil || json.Valid(body)
	})
	switch {
	case err != nil:
		return zero, err
	case unfit != nil:
		return zero, &CallError{Method: r.Method, Endpoint: pathOf(r.Endpoint), Err: fmt.Errorf("decoding the answer into %T: %w", v, newHider(tok).error(unfit))}
	}
	return v, nil
}
