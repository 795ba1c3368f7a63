package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// foreign is an error that does not belong to the call that is cancelled with it.
var foreign = map[string]error{
	"an APIError":     &client.APIError{Status: 404, Method: "GET", Path: "/other"},
	"wrapped":         fmt.Errorf("loading: %w", &client.APIError{Status: 404, Path: "/other"}),
	"in a CallError":  &client.CallError{Method: "GET", Endpoint: "/other", Err: client.ErrNotJSON},
	"a timeout":       os.ErrDeadlineExceeded,
	"a token's":       client.ErrNotSent,
	"without a ==":    incomparable{[]string{"/other"}},
	"without a == in": fmt.Errorf("x: %w", incomparable{[]string{"/other"}}),
}

type incomparable struct{ where []string }

func (e incomparable) Error() string        { return "failed at " + e.where[0] }
func (e incomparable) Is(target error) bool { return target == client.ErrNotFound }

// ownEnd checks that err is of the call's own end: it matches want, and nothing of cause.
func ownEnd(t *testing.T, err, want, cause error) {
	t.Helper()
	var api *client.APIError
	var odd incomparable
	if !errors.Is(err, want) || errors.As(err, &api) || errors.As(err, &odd) || errors.Is(err, client.ErrNotFound) || errors.Is(err, client.ErrNotJSON) {
		t.Errorf("got %v, an APIError: %v; want %v and nobody else's error", err, api != nil, want)
	}
	if err != nil && !strings.Contains(err.Error(), cause.Error()) {
		t.Errorf("the cause is not mentioned: %v", err)
	}
	if want == context.Canceled && isTimeout(err) {
		t.Errorf("a cancelled call says that it ran out of time: %v", err)
	}
}

// isTimeout asks in the ways that programs ask.
func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// stages are where a call may stand when its context ends.
var stages = map[string]func(*world){
	"token":  func(w *world) { w.fake.SetTokenLatency(time.Hour) },
	"answer": func(w *world) { w.fake.SetLatency(time.Hour) },
	"second token": func(w *world) {
		w.fake.SetLatency(time.Second)
		_ = w.get(w.ctx(), "/employees")
		w.fake.RevokeAll()
		w.fake.SetTokenLatency(time.Hour)
	},
	"body": func(w *world) { w.stall.Store(true) },
	"body of an error": func(w *world) {
		w.stall.Store(true)
		w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 500, Times: -1, Body: "why"})
	},
}

// startStalling returns a world whose answers stall in their body once w.stall is set.
func startStalling(t *testing.T, c client.Config) *world {
	var w *world
	w = start(t, setup{client: func(cc *client.Config) {
		base := cc.Base
		cc.Timeout = c.Timeout
		cc.Base = roundTrip(func(req *http.Request) (*http.Response, error) {
			resp, err := base.RoundTrip(req)
			if err == nil && w.stall.Load() {
				resp.Body = struct {
					io.Reader
					io.Closer
				}{io.MultiReader(io.LimitReader(resp.Body, 1), causedBody{req.Context()}), resp.Body}
				resp.ContentLength = -1
			}
			return resp, err
		})
	}})
	return w
}

// causedBody ends as a body of net/http does: with the cause of its context.
type causedBody struct{ ctx context.Context }

func (b causedBody) Read([]byte) (int, error) { <-b.ctx.Done(); return 0, context.Cause(b.ctx) }

// A call that is cancelled because of another one's error has not met that error.
func TestWhoseErrorItIs(t *testing.T) {
	for stage, prepare := range stages {
		for way, call := range everyWay {
			for name, cause := range foreign {
				if stage == "body of an error" && way != "Do" && way != "HTTPClient" {
					continue // the status is the error
				}
				t.Run(stage+"/"+way+"/"+name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := startStalling(t, client.Config{Timeout: 2 * time.Hour})
						prepare(w)
						ctx, cancel := context.WithCancelCause(t.Context())
						time.AfterFunc(10*time.Second, func() { cancel(cause) })
						w.ctx = func() context.Context { return ctx }
						err := call(w, "GET", "/employees")
						if stage == "second token" {
							var api *client.APIError
							if way == "Do" || way == "HTTPClient" {
								return // has the first answer, a 401
							}
							if !errors.As(err, &api) || api.Status != 401 || errors.Is(err, client.ErrNotFound) || !errors.Is(err, context.Canceled) {
								t.Errorf("got %v, want the own 401, and why there was no second attempt", err)
							}
							return
						}
						ownEnd(t, err, context.Canceled, cause)
					})
				})
			}
		}
	}
}

// A call whose context has ended before it begins.
func TestContextThatHasEnded(t *testing.T) {
	for way, call := range everyWay {
		for name, cause := range foreign {
			w := start(t, setup{})
			w.warm(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			w.ctx = func() context.Context { return ctx }
			t.Run(way+"/"+name, func(t *testing.T) { ownEnd(t, call(w, "GET", "/employees"), context.Canceled, cause) })
		}
	}
}

// quick is a near store as store/memory is: a hit does not look at the context.
type quick struct{ store.Store }

func (q quick) Get(_ context.Context, key string) (store.Token, error) {
	return q.Store.Get(context.Background(), key)
}

// It sends nothing, and says so, whatever the method.
func TestContextThatHasEndedSendsNothing(t *testing.T) {
	for way, call := range everyWay {
		for _, method := range []string{"GET", "POST"} {
			w := start(t, setup{token: func(c *token.Config) { c.Tiers.Near = quick{c.Store} }})
			w.warm(t)
			before := w.fake.Counts()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			w.ctx = func() context.Context { return ctx }
			err := call(w, method, "/employees")
			if !errors.Is(err, client.ErrNotSent) || !errors.Is(err, context.Canceled) || w.since(before).APICalls != 0 {
				t.Errorf("%s %s: %v, ErrNotSent %v", way, method, err, errors.Is(err, client.ErrNotSent))
			}
		}
	}
}

// A deadline with a cause of its own is a deadline.
func TestDeadlineWithACause(t *testing.T) {
	for way, call := range everyWay {
		for name, cause := range foreign {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{fake: clienttest.Options{Latency: time.Hour}, client: func(c *client.Config) { c.Timeout = -1 }})
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
				defer cancel()
				w.ctx = func() context.Context { return ctx }
				err := call(w, "GET", "/employees")
				ownEnd(t, err, context.DeadlineExceeded, cause)
				if !isTimeout(err) {
					t.Errorf("%s, %s: no timeout: %v", way, name, err)
				}
			})
		}
	}
}

// Every way to run out of time says so.
func TestEveryTimeoutIsOne(t *testing.T) {
	for stage, prepare := range stages {
		for way, call := range everyWay {
			for bound, d := range map[string]struct{ client, ctx time.Duration }{
				"the Client's": {client: 5 * time.Second}, "the context's": {client: -1, ctx: 5 * time.Second},
			} {
				if strings.HasPrefix(stage, "body") && bound == "the Client's" && (way == "Do" || way == "HTTPClient") {
					continue // bounds no body
				}
				if stage == "body of an error" && way != "Do" && way != "HTTPClient" || stage == "second token" {
					continue
				}
				t.Run(stage+"/"+way+"/"+bound, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := startStalling(t, client.Config{Timeout: d.client})
						prepare(w)
						if d.ctx > 0 {
							ctx, cancel := context.WithTimeout(t.Context(), d.ctx)
							defer cancel()
							w.ctx = func() context.Context { return ctx }
						}
						began := time.Now()
						err := call(w, "GET", "/employees")
						if took := time.Since(began); took != 5*time.Second {
							t.Errorf("after %v: %v", took, err)
						}
						var asked interface{ Timeout() bool }
						if !errors.Is(err, context.DeadlineExceeded) || !isTimeout(err) || !errors.As(err, &asked) || !asked.Timeout() || !os.IsTimeout(err) {
							t.Errorf("%v: DeadlineExceeded %v, net.Error %v, os %v", err, errors.Is(err, context.DeadlineExceeded), isTimeout(err), os.IsTimeout(err))
						}
					})
				})
			}
		}
	}
}

// An error says whether the request may have been carried out.
func TestWhetherItWasSent(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	for name, tt := range map[string]struct {
		prepare func(*world)
		base    error
		sent    bool
	}{
		"no token":        {prepare: func(w *world) { w.fake.Inject(clienttest.Fault{Status: 503, Times: -1}) }},
		"closed":          {prepare: func(w *world) { _ = w.Close() }},
		"cancelled token": {prepare: func(w *world) { w.fake.SetTokenLatency(time.Hour) }},
		"refused":         {base: refused},
		"proxy":           {base: &net.OpError{Op: "proxyconnect", Net: "tcp", Err: refused}},
		"TLS":             {base: http.ErrSchemeMismatch},
		"hangs":           {prepare: func(w *world) { w.fake.SetLatency(time.Hour) }, sent: true},
		"reset":           {prepare: func(w *world) { w.fake.Inject(clienttest.Fault{On: clienttest.API, Reset: true}) }, sent: true},
		"not JSON":        {prepare: func(w *world) { w.fake.Inject(clienttest.Fault{On: clienttest.API, Body: "<html>"}) }, sent: true},
		"cut":             {prepare: func(w *world) { w.fake.Inject(clienttest.Fault{On: clienttest.API, Cut: true}) }, sent: true},
		"redirect":        {prepare: func(w *world) { w.fake.Inject(clienttest.Fault{On: clienttest.API, RedirectTo: "/x", Status: 303}) }, sent: true},
		"another error":   {base: errors.New("broken"), sent: true},
	} {
		for way, call := range everyWay {
			t.Run(name+"/"+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := start(t, setup{client: func(c *client.Config) {
						if tt.base != nil {
							c.Base = roundTrip(func(*http.Request) (*http.Response, error) { return nil, tt.base })
						}
					}})
					if tt.prepare != nil {
						tt.prepare(w)
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					w.ctx = func() context.Context { return ctx }
					err := call(w, "POST", "/employees")
					if name == "not JSON" && (way == "Open" || way == "Do" || way == "HTTPClient") {
						return // is an answer there
					}
					if got := !errors.Is(err, client.ErrNotSent); err == nil || got != tt.sent {
						t.Errorf("%v: sent: %v, want %v", err, got, tt.sent)
					}
					var ce *client.CallError
					if errors.As(err, &ce) && ce.Sent != tt.sent {
						t.Errorf("CallError.Sent is %v", ce.Sent)
					}
					if says := map[bool]string{true: "may have been carried out", false: "not sent"}[tt.sent]; ce != nil && !strings.Contains(err.Error(), says) {
						t.Errorf("%v does not say: %s", err, says)
					}
				})
			})
		}
	}
}

// A connection that nobody answers for is none, and net/http tells of it.
func TestDialThatHangsSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		defer close(over)
		base := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { <-over; return nil, io.ErrClosedPipe }}
		w := start(t, setup{client: func(c *client.Config) { c.Base = base }})
		_, err := w.Call(t.Context(), client.Request{Method: "DELETE", Endpoint: "/x"})
		if !errors.Is(err, client.ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) || !isTimeout(err) {
			t.Errorf("got %v", err)
		}
	})
}

// A refusal by the API is an answer: that it found no other token says nothing else.
func TestRefusedWithoutAnotherToken(t *testing.T) {
	w := start(t, setup{})
	w.warm(t)
	w.fake.RevokeAll()
	w.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
	_, err := w.Call(t.Context(), client.Request{Method: "POST", Endpoint: "/employees", Body: 1})
	if !errors.Is(err, client.ErrUnauthorized) || errors.Is(err, client.ErrNotSent) {
		t.Errorf("got %v", err)
	}
}
