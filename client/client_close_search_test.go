package client_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/internal/clienthook"
)

// Close ends the search for the address of an office, and the calls that wait for it.
func TestCloseEndsTheSearchForTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finder, err := discovery.New(discovery.Config{
			URL: "https://vendor.test/Url", Kanzlei: "kanzlei", BaseURL: discoveryBase, TokenURL: "https://security.advo-net.net/api/v1/Token",
			Required: true, Logger: slog.New(slog.DiscardHandler),
			Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, context.Cause(r.Context())
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		c, err := client.New(client.Config{Discovery: finder, Source: newSource(t, "tok-1"), Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.AfterFunc(time.Second, func() { _ = c.Close() })
		_, err = c.Call(t.Context(), client.Request{Endpoint: "/a"})
		if took := time.Since(began); took != time.Second || !errors.Is(err, discovery.ErrClosed) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// A second Close waits for the first one, but no longer than a second.
func TestSecondCloseWaitsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{client: func(c *client.Config) {
			clienthook.Attach(c, clienthook.Stores{Close: func() error { time.Sleep(time.Minute); return errors.New("late") }})
		}})
		first := make(chan error, 1)
		go func() { first <- w.Close() }()
		synctest.Wait()
		began := time.Now()
		if err := w.Close(); err != nil || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := <-first; err == nil || time.Since(began) != time.Minute {
			t.Errorf("the first one: %v after %v", err, time.Since(began))
		}
	})
}

// Metrics are of the moment at which they are asked for.
func TestMetricsHaveTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		w.warm(t)
		time.Sleep(time.Minute)
		m := w.Metrics()
		if !m.At.Equal(time.Now()) || m.Status.Fingerprint == "" || m.Calls.Calls != 1 {
			t.Errorf("%+v", m)
		}
	})
}
