package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
)

// Transport asks for a token that outlasts the request's deadline, waits a
// second at most, and otherwise sends the one it has.
func TestTokenOutlastsTheDeadline(t *testing.T) {
	const left, latency = 10 * time.Minute, 500 * time.Millisecond
	for name, tt := range map[string]struct {
		deadline time.Duration
		prepare  func(*world)
		longer   bool
		requests int // for tokens, by two calls
		took     time.Duration
	}{
		"short":            {deadline: 5 * time.Minute},
		"none":             {},
		"longer":           {deadline: 20 * time.Minute, longer: true, requests: 1, took: latency},
		"beyond half life": {deadline: 40 * time.Minute},
		"gateway down": {deadline: 20 * time.Minute, requests: 1, took: latency, prepare: func(w *world) {
			w.fake.Inject(clienttest.Fault{Status: 503, Times: -1})
		}},
		"gateway hangs": {deadline: 20 * time.Minute, requests: 1, took: time.Second, prepare: func(w *world) {
			w.fake.Inject(clienttest.Fault{Hang: true, Times: -1})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, setup{
					fake:   clienttest.Options{TokenLatency: latency},
					token:  func(c *token.Config) { c.OneShot = true },
					client: func(c *client.Config) { c.Timeout = -1 },
				})
				old := w.warm(t)
				tok, err := w.source.Token(t.Context(), 0)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Until(tok.Expiry()) - left)
				if tt.prepare != nil {
					tt.prepare(w)
				}
				before, stats := w.fake.Counts(), w.Stats()
				for i := range 2 {
					ctx, cancel := t.Context(), context.CancelFunc(func() {})
					if tt.deadline > 0 {
						ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					}
					began := time.Now()
					err := w.get(ctx, "/employees")
					cancel()
					if want := tt.took * time.Duration(1-i); err != nil || time.Since(began) != want {
						t.Errorf("call %d: %v after %v, want it after %v", i+1, err, time.Since(began), want)
					}
					requests := w.fake.RawRequests()
					if sent := requests[len(requests)-1].Header.Get("Authorization"); (sent != "Bearer "+old) != tt.longer {
						t.Errorf("call %d: the longer token was sent: %t", i+1, sent != "Bearer "+old)
					}
				}
				if n := w.since(before).TokenRequests; n != tt.requests {
					t.Errorf("%d token requests, want %d", n, tt.requests)
				}
				s := w.Stats()
				hits, waits := s.TokenHits-stats.TokenHits, s.TokenWaits-stats.TokenWaits
				if hits+waits != 2 {
					t.Errorf("%d hits and %d waits were counted, want 2 in all", hits, waits)
				}
				if tt.longer && waits != 1 || tt.requests == 0 && waits != 0 {
					t.Errorf("%d waits were counted for %d token requests", waits, tt.requests)
				}
			})
		})
	}
}

// A call that runs out of time while it waits for a token says what it waited for.
func TestDeadlineWhileATokenIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, setup{fake: clienttest.Options{TokenLatency: time.Hour}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.get(ctx, "/employees"); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "waiting for a token") {
			t.Errorf("got %v", err)
		}
	})
}
