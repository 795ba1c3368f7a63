package client_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
)

// A gateway that does not answer at all is an outage, and a timeout, by each way to make
// a call, although the call has no more time than the token request.
func TestGatewayThatHangsIsAnOutageAndATimeout(t *testing.T) {
	for name, call := range map[string]func(*world) error{
		"Call": func(w *world) error { return w.get(context.Background(), "/employees") },
		"Do": func(w *world) error {
			req, _ := http.NewRequest("GET", w.fake.BaseURL()+"employees", nil)
			_, err := w.Do(req)
			return err
		},
		"HTTPClient": func(w *world) error {
			_, err := w.HTTPClient().Get(w.fake.BaseURL() + "employees")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{})
				w.fake.Inject(clienttest.Fault{Hang: true, Times: -1})
				began := time.Now()
				err := call(w)
				var failed *gateway.TokenError
				var timeout net.Error
				if !errors.As(err, &failed) || !errors.Is(err, gateway.ErrOutage) || !strings.Contains(err.Error(), w.fake.TokenURL()) {
					t.Errorf("%v does not tell what the gateway did", err)
				}
				if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v does not say that time ran out", err)
				}
				if took := time.Since(began); took > 30*time.Second {
					t.Errorf("after %v", took)
				}
			})
		})
	}
}
