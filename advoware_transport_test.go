package advoware_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
)

// A gateway that hangs is told as what it is, whoever waits for it.
func TestGatewayThatHangsIsToldAsAnOutage(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			c, fake := sandboxed(t, nil)
			fake.Inject(clienttest.Fault{Hang: true, Times: -1})
			began := time.Now()
			_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
			var failed *gateway.TokenError
			var timeout net.Error
			if !errors.As(err, &failed) || !errors.Is(err, gateway.ErrOutage) || !strings.Contains(err.Error(), fake.TokenURL()) {
				t.Errorf("%v does not tell what the gateway did", err)
			}
			if !errors.As(err, &timeout) || !timeout.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v does not say that time ran out", err)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("after %v", took)
			}
		})
	}
}

// counting counts the requests that it sends.
type counting struct {
	http.RoundTripper
	n int
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n++
	return c.RoundTripper.RoundTrip(r)
}

func TestGatewayTransportSendsTokenRequests(t *testing.T) {
	for name, own := range map[string]bool{"of its own": true, "none": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var api, tokens counting
				c, _ := sandboxed(t, func(cfg *advoware.Config) {
					api.RoundTripper, tokens.RoundTripper = cfg.Transport, cfg.Transport
					if cfg.Transport = &api; own {
						cfg.GatewayTransport = &tokens
					}
				})
				if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); err != nil {
					t.Fatal(err)
				}
				if own && (api.n != 1 || tokens.n != 1) || !own && (api.n != 2 || tokens.n != 0) {
					t.Errorf("%d requests by Transport, %d by GatewayTransport", api.n, tokens.n)
				}
			})
		})
	}
}

// What the door is told of calls, the client heeds.
func TestCallSettings(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	for level, want := range map[slog.Leveler]int{nil: 0, slog.LevelInfo: 2, slog.LevelWarn: 2} {
		var log bytes.Buffer
		cfg := config(t, fake, nil)
		cfg.Store, cfg.CallLevel, cfg.MaxAnswer = advoware.StoreMemory, level, 10
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil)) // at info level
		_, err := open(t, cfg).Call(t.Context(), client.Request{Endpoint: "/employees"})
		if !errors.Is(err, client.ErrTooLong) {
			t.Errorf("got %v", err)
		}
		if n := strings.Count(log.String(), "msg=\"api "); n != want {
			t.Errorf("at %v: %d records of the call, want %d:\n%s", level, n, want, log.String())
		}
	}
}

// Config.Timeout is that of a token request too, also if it is longer than usual.
func TestTimeoutIsThatOfTokenRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true})
		fake.Inject(clienttest.Fault{Delay: time.Minute})
		cfg.Store, cfg.Timeout = advoware.StoreMemory, 2*time.Minute
		c := open(t, cfg)
		if _, err := c.Source().Token(t.Context(), 0); err != nil {
			t.Error(err)
		}
		_ = c.Close()
	})
}
