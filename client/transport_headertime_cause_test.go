package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
)

// A request that is cancelled because another one ran out of time was cancelled: the
// other's time-out is not its own.
func TestTimeoutOfAnotherIsNotOnesOwn(t *testing.T) {
	for how, send := range senders {
		synctest.Test(t, func(t *testing.T) {
			c := timed(t, 5*time.Second, func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, context.Cause(req.Context())
			})
			first, _ := http.NewRequestWithContext(t.Context(), "GET", apiBase, nil)
			_, cause := c.HTTPClient().Transport.RoundTrip(first)
			if !errors.Is(cause, context.DeadlineExceeded) {
				t.Fatalf("%s: %v", how, cause)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			req, _ := http.NewRequestWithContext(ctx, "GET", apiBase, nil)
			_, err := send(c, req)
			if !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cause) {
				t.Errorf("%s: %v", how, err)
			}
		})
	}
}

// The same for calls in which nothing moved for too long.
func TestIdleOfAnotherIsNotOnesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		idle := func(c *client.Client) error {
			resp, err := client.Open(t.Context(), c, client.Request{})
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			_, err = io.Copy(io.Discard, resp.Body)
			return err
		}
		c := timed(t, 5*time.Second, func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, context.Cause(req.Context())
		})
		cause := errors.Unwrap(idle(c)) // as the call met it
		if !errors.Is(cause, context.DeadlineExceeded) {
			t.Fatal(cause)
		}
		for name, call := range map[string]func(context.Context) error{
			"Call": func(ctx context.Context) error { _, err := c.Call(ctx, client.Request{}); return err },
			"Open": func(ctx context.Context) error { _, err := client.Open(ctx, c, client.Request{}); return err },
			"Do": func(ctx context.Context) error {
				req, _ := http.NewRequestWithContext(ctx, "GET", apiBase, nil)
				_, err := c.Do(req)
				return err
			},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			if err := call(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cause) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// What stands in an answer that is a redirect is read by net/http before it follows. It
// belongs to what comes before the answer, and ends in time.
func TestRedirectsEndInTime(t *testing.T) {
	for how, send := range senders {
		synctest.Test(t, func(t *testing.T) {
			c := timed(t, 10*time.Second, func(req *http.Request) (*http.Response, error) {
				resp := answer(req, 307, "", "Location: /there")
				resp.ContentLength = 1000
				resp.Body = &dripping{req.Context(), 1000}
				return resp, nil
			})
			began := time.Now()
			req, _ := http.NewRequestWithContext(t.Context(), "GET", apiBase, nil)
			_, err := send(c, req)
			if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != 10*time.Second {
				t.Errorf("%s: %v after %v", how, err, took)
			}
		})
	}
}

// Without a bound of the Client's own, too, the error of a body is that of its request.
func TestBodiesWithoutTimeoutAreOnesOwn(t *testing.T) {
	for how, send := range senders {
		synctest.Test(t, func(t *testing.T) {
			c := timed(t, -1, func(req *http.Request) (*http.Response, error) {
				resp := answer(req, 200, "")
				resp.Body = &dripping{req.Context(), 100}
				return resp, nil
			})
			cause := &client.APIError{Status: 404}
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(5*time.Second, func() { cancel(cause) })
			req, _ := http.NewRequestWithContext(ctx, "GET", apiBase, nil)
			resp, err := send(c, req)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if !errors.Is(err, context.Canceled) || errors.Is(err, client.ErrNotFound) {
				t.Errorf("%s: %v", how, err)
			}
		})
	}
}
