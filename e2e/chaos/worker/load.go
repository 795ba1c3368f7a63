package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/e2e/chaos"
)

// load makes the calls of a worker, and counts their results.
type load struct {
	goroutines, calls int
	pause             time.Duration

	one           func(g, i int) error // the i-th of goroutine g: call, or an operation for a history
	client        *client.Client
	kanzlei, user string // the identity that the answers must be for

	mu      sync.Mutex
	began   time.Time
	since   chaos.Report // the last report
	errors  uint64       // of the store, until then
	seconds []chaos.Second
}

// run makes the calls. They end between two calls, never in the middle of one.
func (l *load) run(ctx context.Context) {
	l.mu.Lock()
	l.began = time.Now()
	l.mu.Unlock()
	var wg sync.WaitGroup
	for g := range l.goroutines {
		wg.Go(func() {
			for i := 0; (l.calls == 0 || i < l.calls) && ctx.Err() == nil; i++ {
				began := time.Now()
				err := l.one(g, i)
				l.count(time.Since(began), err)
				l.rest(ctx)
			}
		})
	}
	wg.Wait()
}

// rest pauses for half to one and a half of the mean, so that callers are not synchronised.
func (l *load) rest(ctx context.Context) {
	if l.pause <= 0 {
		return
	}
	timer := time.NewTimer(l.pause/2 + rand.N(l.pause))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// foreignError is an answer for another call or identity.
type foreignError struct{ want, got string }

func (e *foreignError) Error() string {
	return fmt.Sprintf("a call of %s was answered for %s", e.want, e.got)
}

// call makes the i-th call of goroutine g: one in four has a body.
func (l *load) call(g, i int) error {
	want := clienttest.Echo{Method: http.MethodGet, Path: fmt.Sprintf("/api/v1/Echo/%d/%d", g, i)}
	r := client.Request{Method: want.Method, Endpoint: want.Path}
	if i%4 == 3 {
		want.Method, want.Body = http.MethodPost, fmt.Sprintf(`{"goroutine":%d,"call":%d}`, g, i)
		r.Method, r.Body = want.Method, json.RawMessage(want.Body)
	}
	body, err := l.client.Call(context.Background(), r)
	if err != nil {
		return err
	}
	var got clienttest.Echo
	if err := json.Unmarshal(body, &got); err != nil {
		return err
	}
	if got.Method != want.Method || got.Path != want.Path || got.Body != want.Body {
		return fmt.Errorf("%s %s %q was answered for %s %s %q", want.Method, want.Path, want.Body, got.Method, got.Path, got.Body)
	}
	if id := got.Identity; id["Kanzlei"] != l.kanzlei || id["User"] != l.user {
		return &foreignError{l.kanzlei + "/" + l.user, id["Kanzlei"] + "/" + id["User"]}
	}
	return nil
}

func (l *load) count(took time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for now := int(time.Since(l.began) / time.Second); len(l.seconds) <= now; {
		l.seconds = append(l.seconds, chaos.Second{})
	}
	second := &l.seconds[len(l.seconds)-1]
	second.Calls++
	second.Slowest = max(second.Slowest, took)
	l.since.Calls++
	l.since.Slowest = max(l.since.Slowest, took)
	if err == nil {
		return
	}
	second.Failed++
	l.since.Fail(err)
	var refusal *token.FetchError
	var foreign *foreignError
	switch {
	case errors.As(err, &refusal) && refusal.Refused:
		l.since.Refused++
	case errors.As(err, &foreign):
		l.since.Foreign++
	}
}

// report returns what happened since the last report.
func (l *load) report() *chaos.Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.since
	l.since = chaos.Report{}
	all := l.client.Stats().StoreErrors
	r.StoreErrors, l.errors = all-l.errors, all
	return &r
}

// last is report with the seconds of the whole run.
func (l *load) last() *chaos.Report {
	r := l.report()
	l.mu.Lock()
	defer l.mu.Unlock()
	r.Seconds = l.seconds
	return r
}
