package client_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/internal/leaktest"
	"github.com/advoware-go/advoware/store"
)

// meter counts allocations from the moment the near store is asked until Transport
// is about to log, less what happens in the Base.
type meter struct {
	store.Map
	slog.Handler
	alloctest.Meter
}

func (m *meter) Get(ctx context.Context, key string) (store.Token, error) {
	tok, err := m.Map.Get(ctx, key)
	m.Reset()
	m.Start()
	return tok, err
}

func (m *meter) Enabled(context.Context, slog.Level) bool {
	m.Stop()
	return false
}

// The library's own request is sent as it is, with no allocation at all, but for what traces
// the attempt of one that changes something; the caller's is copied.
func TestOwnRequestIsNotCopied(t *testing.T) {
	m := &meter{Handler: slog.DiscardHandler}
	resp := &http.Response{StatusCode: 204, Body: http.NoBody}
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		m.Stop()
		if got := req.Header["Authorization"]; len(got) != 1 || got[0] != "Bearer tok-1" {
			t.Errorf("Authorization: %q", got)
		}
		m.Start()
		return resp, nil
	})
	c := metered(t, m, base, 0)
	for n := range 4 {
		r := client.Request{Endpoint: "/x", Header: http.Header{}}
		for i := range 5 * n {
			r.Header.Set(fmt.Sprintf("X-%d", i), "v")
		}
		most := uint64(0)
		if n > 1 {
			r.Method, r.Body, most = "POST", 1, 4
		}
		if n := m.Least(func() { _, _ = c.Call(t.Context(), r) }); n > most {
			t.Errorf("%d headers: %d allocations for a request of Call's, want %d at most", len(r.Header), n, most)
		}
	}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.test/x", nil)
	c = metered(t, m, base, -1) // a Timeout takes a context besides
	if n := m.Least(func() { _, _ = c.HTTPClient().Transport.RoundTrip(req) }); n < 2 || n > 3 {
		t.Errorf("%d allocations for a request of the caller's, want 2 or 3", n)
	}
}

func metered(t *testing.T, m *meter, base http.RoundTripper, timeout time.Duration) *client.Client {
	t.Helper()
	source := newSource(t, "tok-1")
	tok, err := source.Token(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.CompareAndSwap(t.Context(), storeKey, store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	own, err := token.New(token.Config{
		Store: m, Key: storeKey, OneShot: true, Logger: slog.New(slog.DiscardHandler),
		Fetch: func(context.Context) (store.Token, error) { return store.Token{}, http.ErrNotSupported },
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{BaseURL: "https://api.test", Source: own, Base: base, Timeout: timeout, Logger: slog.New(m)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A retry and each hop of a redirect are requests of their own, so that one in
// flight is never written to.
func TestOwnRequestIsSentOnce(t *testing.T) {
	var requests []*http.Request
	var bearers []string
	c := stubbed(t, apiBase, func(req *http.Request) (*http.Response, error) {
		requests, bearers = append(requests, req), append(bearers, req.Header.Get("Authorization"))
		switch len(requests) {
		case 1:
			return answer(req, 401, ""), nil
		case 2:
			return answer(req, 307, "", "Location: /hop"), nil
		}
		return answer(req, 200, "{}"), nil
	})
	if _, err := c.Call(t.Context(), client.Request{Method: "POST", Body: 1}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Bearer tok-1", "Bearer tok-2", "Bearer tok-2"}, bearers); diff != "" {
		t.Error(diff)
	}
	for i, a := range requests {
		for _, b := range requests[i+1:] {
			if a == b {
				t.Error("a request was sent twice")
			}
		}
	}
	if got := requests[0].Header.Get("Authorization"); got != "Bearer tok-1" {
		t.Errorf("the first one was written to when it was out: %s", got)
	}
}

// The bearer lies in Call's own request, which must not come out in an error.
func TestErrorsDoNotHaveTheOwnRequest(t *testing.T) {
	w := start(t, setup{})
	bearer := w.warm(t)
	for name, f := range map[string]clienttest.Fault{
		"status": {Status: 500}, "reset": {Reset: true, Times: -1}, "not JSON": {Malformed: true},
		"redirect": {RedirectTo: "http://evil.test/"}, "loop": {RedirectTo: "/employees", Times: -1},
	} {
		f.On = clienttest.API
		w.fake.Inject(f)
		err := w.get(t.Context(), "/employees")
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		leaktest.Check(t, name, err, bearer)
		w.fake.ClearFaults()
	}
}
