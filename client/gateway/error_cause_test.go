package gateway_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/gateway"
)

// A fetch whose context ended, because something else failed, says that it was ended and
// what by; it did not meet that itself.
func TestCauseIsNotOnesOwn(t *testing.T) {
	for name, cause := range map[string]error{
		"refusal of another":  &gateway.TokenError{Kind: gateway.Refused, Status: 401, RetryAfter: 1},
		"time-out of another": context.DeadlineExceeded,
		"any":                 errors.New("something else"),
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		g := open(t, stubbed(t, func(req *http.Request) (*http.Response, error) {
			cancel(cause)
			<-req.Context().Done()
			return nil, context.Cause(req.Context())
		}))
		_, err := g.Fetch(ctx)
		var timeout net.Error
		if !errors.Is(err, context.Canceled) || errors.Is(err, cause) || errors.Is(err, gateway.ErrRefused) ||
			errors.As(err, &timeout) && timeout.Timeout() || !strings.Contains(err.Error(), cause.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
