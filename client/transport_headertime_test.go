package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// dripping is a body that makes progress, a byte a second, until its request's context
// ends.
type dripping struct {
	ctx  context.Context
	left int
}

func (d *dripping) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	select {
	case <-d.ctx.Done():
		return 0, context.Cause(d.ctx)
	case <-time.After(time.Second):
		d.left--
		return copy(p, "x"), nil
	}
}

func (*dripping) Close() error { return nil }

// senders are Do and what is like it.
var senders = map[string]func(*client.Client, *http.Request) (*http.Response, error){
	"Do":         (*client.Client).Do,
	"HTTPClient": func(c *client.Client, r *http.Request) (*http.Response, error) { return c.HTTPClient().Do(r) },
}

// A body may take longer than the timeout, which bounds only what comes before it. It
// ends with the context of its request.
func TestBodiesTakeTheirTime(t *testing.T) {
	for how, send := range senders {
		synctest.Test(t, func(t *testing.T) {
			c := timed(t, 10*time.Second, func(req *http.Request) (*http.Response, error) {
				resp := answer(req, 200, "")
				resp.Body = &dripping{req.Context(), 100}
				return resp, nil
			})
			req, _ := http.NewRequestWithContext(t.Context(), "GET", apiBase, nil)
			resp, err := send(c, req)
			if err != nil {
				t.Fatalf("%s: %v", how, err)
			}
			if resp.Request != req {
				t.Errorf("%s: Response.Request is not the caller's own", how)
			}
			body, err := io.ReadAll(resp.Body)
			if len(body) != 100 || err != nil {
				t.Errorf("%s: %d bytes, %v", how, len(body), err)
			}
			_ = resp.Body.Close()

			for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
				"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
					return context.WithTimeout(ctx, 20*time.Second)
				},
				"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
					ctx, cancel := context.WithCancel(ctx)
					time.AfterFunc(20*time.Second, cancel)
					return ctx, cancel
				},
			} {
				ctx, cancel := end(t.Context())
				resp, err := send(c, req.WithContext(ctx))
				if err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				body, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				cancel()
				if !errors.Is(err, ctx.Err()) || len(body) < 18 || len(body) > 20 {
					t.Errorf("%s, %s: %d bytes, %v", how, name, len(body), err)
				}
			}
		})
	}
}

// All that comes before the body has one timeout: the token, the answer, the second
// attempt after a 401, redirects. What ends so says so.
func TestHeadersAreInTime(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"token":  func(w *world) { w.fake.SetTokenLatency(20 * time.Second) },
		"answer": hang,
		"after a 401": func(w *world) {
			w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
			w.fake.SetLatency(2 * time.Second)
			w.fake.SetTokenLatency(1 * time.Second)
		},
		"redirects": func(w *world) {
			w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "/employees", Times: -1})
			w.fake.SetLatency(time.Second)
		},
	} {
		for how, send := range senders {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{client: func(c *client.Config) { c.Timeout = 5 * time.Second }})
				prepare(w)
				began := time.Now()
				req, _ := http.NewRequest("GET", w.fake.BaseURL()+"employees", nil)
				resp, err := send(w.Client, req)
				if err == nil {
					_ = resp.Body.Close()
				}
				took := time.Since(began)
				var timeout net.Error
				if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() || took != 5*time.Second {
					t.Errorf("%s, %s: %v after %v", name, how, err, took)
				}
				if text := err.Error(); !strings.Contains(text, "no answer within 5s") || strings.Contains(text, "cause:") {
					t.Errorf("%s, %s: %s", name, how, text)
				}
				time.Sleep(time.Minute) // the token request ends by itself
			})
		}
	}
}

// A deadline of the caller's own stays his, and counts when it is earlier.
func TestOwnDeadlineIsEarlier(t *testing.T) {
	for how, send := range senders {
		synctest.Test(t, func(t *testing.T) {
			w := start(t, setup{client: func(c *client.Config) { c.Timeout = 5 * time.Second }})
			hang(w)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			began := time.Now()
			req, _ := http.NewRequestWithContext(ctx, "GET", w.fake.BaseURL()+"employees", nil)
			_, err := send(w.Client, req)
			var timeout net.Error
			if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(began) != 2*time.Second {
				t.Errorf("%s: %v after %v", how, err, time.Since(began))
			}
		})
	}
}

// A client that is used for ever keeps nothing of the requests that are over: their
// contexts have no children left.
func TestHeaderTimeLetsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{})
		ctx, cancel := context.WithCancelCause(t.Context())
		for range 10 {
			req, _ := http.NewRequestWithContext(ctx, "GET", w.fake.BaseURL()+"employees", nil)
			resp, err := w.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			seen := resp.Request.Context()
			if seen != ctx {
				t.Error("the request has another context")
			}
		}
		cancel(errors.New("over"))
	}) // fails if a goroutine stays
}

// timed returns a Client with a timeout whose network is a function.
func timed(t *testing.T, timeout time.Duration, rt roundTrip) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		BaseURL: apiBase, Source: newSource(t, "tok-1", "tok-2"), Base: rt, Timeout: timeout, Logger: new(logs).logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
