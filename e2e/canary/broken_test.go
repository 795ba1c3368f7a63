//go:build !race

package canary_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

func TestCanaryHostilePanics(t *testing.T) {
	for name, panics := range map[string]func(req *http.Request) any{
		"a text":      func(*http.Request) any { return "boom" },
		"the request": func(req *http.Request) any { return req },
		"an error":    func(req *http.Request) any { return fmt.Errorf("boom: %v", req.URL) },
	} {
		t.Run(name, func(t *testing.T) {
			k := newCanary(t, clienttest.Options{})
			on := "/api/v1/Token"
			k.cfg.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
				if req.URL.Path == on {
					panic(panics(req))
				}
				return k.fake.Transport().RoundTrip(req)
			})
			c := k.client()
			_ = k.mustFail(c, "/employees")
			on = ""
			_, err := c.Source().Refresh(t.Context())
			k.failure("Refresh", err)
			if on = "/employees"; name != "the request" { // the bearer is in that; who throws it about, does so himself
				_ = k.mustFail(c, "/employees")
			}
			k.end(c)
		})
	}
	t.Run("logger", func(t *testing.T) {
		k := newCanary(t, clienttest.Options{})
		k.cfg.Logger = slog.New(panicking{k.logger.Handler()})
		c := k.client()
		_ = k.mustFail(c, "/employees")
		_ = k.mustFail(c, "/employees")
		k.end(c)
	})
	t.Run("hook", func(t *testing.T) {
		k := newCanary(t, clienttest.Options{})
		odd := func(context.Context) (store.Token, error) {
			return store.NewToken(oddToken, time.Now(), time.Now().Add(time.Hour))
		}
		k.secret(oddToken)
		for _, hooks := range []token.Hooks{
			{FetchStart: func() { panic("boom") }},
			{FetchDone: func(f token.Fetch) { panic(f) }},
			{Rotated: func(r token.Rotation) { panic(r) }},
			{Rotated: func(r token.Rotation) { panic(&r) }},
			{RenewalPlanned: func(tok store.Token, _ time.Time) { panic(tok) }},
			{Rejected: func(tok store.Token) { panic(struct{ tok store.Token }{tok}) }},
		} {
			s, err := token.New(token.Config{Store: new(store.Map), Key: "key", Fetch: odd, Hooks: hooks, Logger: k.logger})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			var tok store.Token
			_ = k.try("Token", func() (err error) { tok, err = s.Token(t.Context(), 0); return err })
			_ = k.try("Reject", func() error { return s.Reject(t.Context(), tok) })
			k.behind("source", s)
		}
		k.end()
	})
}

// panicking is a slog.Handler that logs and then panics with what it has logged.
type panicking struct{ slog.Handler }

func (p panicking) Handle(ctx context.Context, r slog.Record) error {
	_ = p.Handler.Handle(ctx, r)
	panic(r)
}

func TestCanaryInterrupted(t *testing.T) {
	k := newCanary(t, clienttest.Options{})
	k.fake.Inject(clienttest.Fault{Hang: true, Times: -1})
	c := k.client()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := c.Call(ctx, client.Request{Endpoint: "/employees"})
		ended <- err
	}()
	go func() {
		_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
		ended <- err
	}()
	for k.fake.Counts().TokenRequests == 0 {
		runtime.Gosched()
	}
	cancel()
	k.failure("cancelled", <-ended)
	_ = c.Close()
	k.failure("closed", <-ended)
	k.end(c)
}
