package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
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
