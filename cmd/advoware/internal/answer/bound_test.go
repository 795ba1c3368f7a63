package answer_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/cmd/advoware/internal/answer"
	"github.com/advoware-go/advoware/store"
)

// slowly is a body of that many bytes, of which one block comes each second.
type slowly struct {
	ctx  context.Context
	left int
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	select {
	case <-time.After(time.Second):
	case <-s.ctx.Done():
		return 0, context.Cause(s.ctx)
	}
	n := min(s.left, len(p), 32<<10)
	s.left -= n
	return n, nil
}

func (s *slowly) Close() error { return nil }

type transport func(*http.Request) *http.Response

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r), nil }

func sending(t *testing.T, size int) *client.Client {
	t.Helper()
	tok, err := store.NewToken("token", time.Now(), time.Now().Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{BaseURL: "https://api.example", Source: token.Static(tok), Base: transport(func(r *http.Request) *http.Response {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/pdf"}}, ContentLength: -1, Request: r, Body: &slowly{r.Context(), size}}
	})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// The time-out covers what comes, and not what its reader does with it.
func TestTimeout(t *testing.T) {
	for name, c := range map[string]struct {
		timeout, writes time.Duration
		fails           bool
	}{
		"in time":       {300 * time.Second, 0, false},
		"a slow reader": {300 * time.Second, time.Hour, false},
		"too late":      {280 * time.Second, 0, true},
		"before a byte": {100 * time.Millisecond, 0, true},
		"none":          {0, time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const size = answer.Held + 32*(32<<10) // 256 seconds, and 32 more
				a, err := answer.Fetch(t.Context(), sending(t, size), client.Request{Method: "GET", Endpoint: "/x"}, answer.Options{Timeout: c.timeout})
				got := 0
				if err == nil {
					defer a.Close()
					err = a.Show(writer(func(p []byte) (int, error) {
						time.Sleep(c.writes)
						got += len(p)
						return len(p), nil
					}), answer.Form{})
				}
				if c.fails != errors.Is(err, context.DeadlineExceeded) || !c.fails && (err != nil || got != size) {
					t.Errorf("%d bytes, %v", got, err)
				}
			})
		})
	}
}

// A context that ends before or while an answer comes.
func TestCancelled(t *testing.T) {
	for _, after := range []time.Duration{0, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(after, cancel)
			synctest.Wait()
			_, err := answer.Fetch(ctx, sending(t, answer.Held), client.Request{Method: "GET", Endpoint: "/x"}, answer.Options{Timeout: time.Hour})
			if !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after %v: %v", after, err)
			}
		})
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
