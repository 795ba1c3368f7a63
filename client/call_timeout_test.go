package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// The token and the answer take 1.5 s each.
func both(w *world) {
	w.fake.SetTokenLatency(1500 * time.Millisecond)
	w.fake.SetLatency(1500 * time.Millisecond)
}

// Two attempts and two tokens take 6 s.
func twice(w *world) {
	both(w)
	w.fake.Inject(clienttest.Fault{On: clienttest.API, Status: 401})
}

func hang(w *world) { w.fake.Inject(clienttest.Fault{On: clienttest.API, Hang: true}) }

// The timeout of a call is one for everything in it.
func TestTimeout(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare  func(*world)
		timeout  time.Duration // of the Request
		of       time.Duration // of the Client
		deadline time.Duration // of the context
		want     time.Duration // until the error; 0 is no error
	}{
		"token":              {prepare: func(w *world) { w.fake.SetTokenLatency(5 * time.Second) }, timeout: 2 * time.Second, want: 2 * time.Second},
		"answer":             {prepare: func(w *world) { w.fake.SetLatency(5 * time.Second) }, timeout: 2 * time.Second, want: 2 * time.Second},
		"both":               {prepare: both, timeout: 2 * time.Second, want: 2 * time.Second},
		"both, enough":       {prepare: both, timeout: 4 * time.Second},
		"retry":              {prepare: twice, timeout: 3 * time.Second, want: 3 * time.Second},
		"retry, enough":      {prepare: twice, timeout: 10 * time.Second},
		"of the client":      {prepare: both, of: 2 * time.Second, want: 2 * time.Second},
		"default":            {prepare: hang, want: 30 * time.Second},
		"request over":       {prepare: both, of: time.Second, timeout: 4 * time.Second},
		"request without":    {prepare: both, of: time.Second, timeout: -1},
		"client without":     {prepare: both, of: -1},
		"context is shorter": {prepare: hang, timeout: -1, deadline: time.Second, want: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{client: func(c *client.Config) { c.Timeout = tt.of }})
				ctx := t.Context()
				tt.prepare(w)
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				begin := time.Now()
				_, err := w.Call(ctx, client.Request{Endpoint: "/employees?q=secret", Timeout: tt.timeout})
				took := time.Since(begin)
				if tt.want == 0 {
					if err != nil {
						t.Errorf("after %v: %v", took, err)
					}
					return
				}
				if !errors.Is(err, context.DeadlineExceeded) || took != tt.want {
					t.Errorf("after %v: %v; want a deadline after %v", took, err, tt.want)
				}
				if err != nil && (!oneLine(err) || strings.Contains(err.Error(), "secret")) {
					t.Errorf("message %q", err)
				}
			})
		})
	}
}

// stalled is a body that ends with its request's context.
type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) { <-s.ctx.Done(); return 0, s.ctx.Err() }
func (stalled) Close() error               { return nil }

func TestTimeoutOfTheBody(t *testing.T) {
	for _, status := range []int{200, 500} {
		synctest.Test(t, func(t *testing.T) {
			c := stubbed(t, "http://api.test", func(req *http.Request) (*http.Response, error) {
				resp := answer(req, status, "")
				resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("[1,"), stalled{req.Context()}))
				return resp, nil
			})
			begin := time.Now()
			_, err := c.Call(t.Context(), client.Request{Timeout: 2 * time.Second})
			if took := time.Since(begin); err == nil || took != 2*time.Second {
				t.Errorf("status %d: after %v: %v", status, took, err)
			}
			var api *client.APIError
			switch {
			case status == 200 && !errors.Is(err, context.DeadlineExceeded):
				t.Errorf("got %v", err)
			case status == 500 && (!errors.As(err, &api) || string(api.Body) != "[1,"):
				t.Errorf("got %v; want the status with what there was of the body", err)
			}
		})
	}
}

// An HTTPClient has the Client's timeout up to the header of an answer.
func TestTimeoutOfDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{client: func(c *client.Config) { c.Timeout = 3 * time.Second }})
		hang(w)
		begin := time.Now()
		_, err := w.HTTPClient().Get(w.fake.BaseURL() + "employees")
		if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took != 3*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}
