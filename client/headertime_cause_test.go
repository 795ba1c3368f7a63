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
