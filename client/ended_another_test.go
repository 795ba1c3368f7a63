package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/advoware-go/advoware/client"
)

// What net/http hands to a request, because it gave up its connection with another one,
// is neither a cancellation of it nor its answer.
func TestCancellationOfAnotherIsNotOnesOwn(t *testing.T) {
	for name, cause := range map[string]error{
		"cancelled": context.Canceled,
		"status":    &client.APIError{Status: 404, Method: "GET", Path: "/other"},
		"out of time": func() error {
			_, err := timed(t, time.Nanosecond, func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, context.Cause(req.Context())
			}).Do(newRequest(t.Context()))
			return errors.Unwrap(err)
		}(),
		"deadline": func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			defer cancel()
			_, err := timed(t, -1, func(*http.Request) (*http.Response, error) { panic("sent") }).Call(ctx, client.Request{})
			return errors.Unwrap(err)
		}(),
		"nothing moves": func() error {
			_, err := client.Open(t.Context(), timed(t, time.Nanosecond, func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, context.Cause(req.Context())
			}), client.Request{})
			return errors.Unwrap(err)
		}(),
		"call": &client.CallError{Method: "GET", Endpoint: "/other", Err: io.ErrUnexpectedEOF},
	} {
		for where, rt := range map[string]roundTrip{
			"instead of the answer": func(*http.Request) (*http.Response, error) { return nil, cause },
			"in the answer": func(req *http.Request) (*http.Response, error) {
				resp := answer(req, 200, "")
				resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("[1,"), iotest.ErrReader(cause)))
				return resp, nil
			},
		} {
			for _, timeout := range []time.Duration{time.Minute, -1} {
				ctx, cancel := context.WithCancel(context.Background())
				if timeout < 0 { // one that never ends
					ctx = context.Background()
				}
				c := timed(t, timeout, rt)
				for how, call := range map[string]func() error{
					"Call": func() error { _, err := c.Call(ctx, client.Request{}); return err },
					"Open": func() error {
						resp, err := client.Open(ctx, c, client.Request{})
						return readAll(resp, err)
					},
					"Each": func() (err error) {
						for _, err = range client.Each[int](ctx, c, client.Request{}) {
							if err != nil {
								break
							}
						}
						return err
					},
					"Do":         func() error { return readAll(c.Do(newRequest(ctx))) },
					"HTTPClient": func() error { return readAll(c.HTTPClient().Do(newRequest(ctx))) },
				} {
					err := call()
					var same *client.CallError
					if err == nil || errors.Is(err, cause) || errors.Is(err, context.Canceled) || errors.Is(err, client.ErrNotFound) ||
						errors.As(err, &same) && same.Endpoint == "/other" || !strings.Contains(err.Error(), cause.Error()) {
						t.Errorf("%s, %s %s: %v", how, name, where, err)
					}
				}
				cancel()
			}
		}
	}
}

func newRequest(ctx context.Context) *http.Request {
	req, _ := http.NewRequestWithContext(ctx, "GET", apiBase, nil)
	return req
}

func readAll(resp *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
