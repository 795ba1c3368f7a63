package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// sessions is an API with another scheme: X-Api-Session, and no Bearer.
type sessions struct {
	issued atomic.Int64
	mu     sync.Mutex
	valid  string
	seen   []http.Header
	bodies []string
}

func (s *sessions) fetch(context.Context) (store.Token, error) {
	text := fmt.Sprintf("session-%d-secret", s.issued.Add(1))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.valid = text
	return store.NewToken(text, time.Now(), time.Now().Add(time.Hour))
}

func (s *sessions) revoke() { s.mu.Lock(); defer s.mu.Unlock(); s.valid = "" }

func (s *sessions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.seen, s.bodies = append(s.seen, r.Header), append(s.bodies, string(body))
	got, ok := r.Header["X-Api-Session"]
	ok = ok && len(got) == 1 && got[0] == s.valid && s.valid != ""
	s.mu.Unlock()
	switch {
	case !ok:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"you_sent": %q}`, got)
	case r.URL.Path == "/away":
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	case r.URL.Path == "/echo":
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, `{"you_sent": %q}`, got)
	default:
		fmt.Fprint(w, `{}`)
	}
}

func startSessions(t *testing.T) (*sessions, *httptest.Server, *client.Client) {
	t.Helper()
	s := new(sessions)
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	src, err := token.New(token.Config{Store: new(store.Map), Key: "sessions", Fetch: s.fetch, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{BaseURL: srv.URL, Source: src, TokenHeader: client.TokenHeader{Name: "x-api-session"}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return s, srv, c
}

// All that holds for the bearer holds for a token in another header: it is sent once, whatever
// the caller wrote, replaced after a 401 with the same body, and shown nowhere.
func TestTokenInAnotherHeader(t *testing.T) {
	t.Parallel()
	s, _, c := startSessions(t)
	r := client.Request{Method: "POST", Endpoint: "/x", Body: map[string]int{"a": 1}, Header: http.Header{"x-API-session": {"mine"}, "Authorization": {"Basic mine"}}}
	if _, err := c.Call(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	s.revoke()
	req, err := c.NewRequest(t.Context(), "PUT", "/x", nil, map[string]int{"b": 2})
	if err != nil {
		t.Fatal(err)
	}
	odd := "X-API-SESSION"
	req.Header[odd] = []string{"mine"}
	resp, err := c.Do(req)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("after a revocation: %v, %v", resp, err)
	}
	resp.Body.Close()
	if resp.Request.Header.Get("X-Api-Session") != "" || len(req.Header[odd]) != 1 {
		t.Errorf("the caller's request was written to, or the token is in the one of the answer: %v", resp.Request.Header)
	}
	_, err = c.Call(t.Context(), client.Request{Endpoint: "/echo"})
	api, ok := errors.AsType[*client.APIError](err)
	if !ok || api.Status != http.StatusTeapot || strings.Contains(err.Error()+string(api.Body), "-secret") {
		t.Errorf("%v", err)
	}
	resp, err = client.Open(t.Context(), c, client.Request{Endpoint: "/x"})
	if err != nil || resp.Request.Header.Get("X-Api-Session") != "" {
		t.Fatalf("the token is in the request of an opened answer: %v", err)
	}
	resp.Body.Close()

	s.mu.Lock()
	defer s.mu.Unlock()
	want := []string{"session-1-secret", "session-1-secret", "session-2-secret", "session-2-secret", "session-2-secret"}
	if len(s.seen) != len(want) || s.issued.Load() != 2 {
		t.Fatalf("%d requests, %d tokens", len(s.seen), s.issued.Load())
	}
	for i, h := range s.seen {
		if got := h["X-Api-Session"]; len(got) != 1 || got[0] != want[i] {
			t.Errorf("request %d: %q", i+1, got)
		}
		if auth := h.Get("Authorization"); auth != "" && i != 0 || i == 0 && auth != "Basic mine" {
			t.Errorf("request %d: Authorization %q", i+1, auth)
		}
	}
	if s.bodies[1] != `{"b":2}` || s.bodies[2] != s.bodies[1] {
		t.Errorf("the bodies of both attempts: %q, %q", s.bodies[1], s.bodies[2])
	}
}

// The header goes to no other server: not by a redirect, not because a caller wrote one.
func TestTokenInAnotherHeaderStaysWithinTheOrigin(t *testing.T) {
	t.Parallel()
	_, _, c := startSessions(t)
	var elsewhere http.Header
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere = r.Header }))
	t.Cleanup(other.Close)
	_, err := c.Call(t.Context(), client.Request{Endpoint: "/away?to=" + other.URL})
	if _, ok := errors.AsType[*client.OriginError](err); !ok || elsewhere != nil {
		t.Errorf("a redirect: %v, %v", err, elsewhere)
	}
	follows := &http.Client{Transport: c.HTTPClient().Transport} // without the Client's own CheckRedirect
	base, err := c.BaseURL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{base.JoinPath("away").String() + "?to=" + other.URL, other.URL} {
		for _, h := range []http.Header{{"x-api-session": {"mine"}, "authorization": {"mine"}}, {"x-api-session": {"mine"}}, {"authorization": {"mine"}}} {
			elsewhere = nil
			req, _ := http.NewRequestWithContext(t.Context(), "GET", target, nil)
			req.Header = h
			h["X-Other"] = []string{"kept"}
			resp, err := follows.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if elsewhere.Get("X-Api-Session") != "" || elsewhere.Get("Authorization") != "" || elsewhere.Get("X-Other") != "kept" {
				t.Errorf("%s: another server got %v", target, elsewhere)
			}
		}
	}
}

func TestTokenHeaderThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]client.TokenHeader{"Host": {Name: "host"}, "no Name": {Prefix: "Token "}, "none of a header": {Name: "a b"}} {
		_, err := client.New(client.Config{Source: newSource(t, "tok"), TokenHeader: h})
		if err == nil || !strings.Contains(err.Error(), "TokenHeader ") || !strings.Contains(err.Error(), want) {
			t.Errorf("New, %+v: %v", h, err)
		}
		tr := &client.Transport{Source: newSource(t, "tok"), Origin: parse(t, "https://api.test"), TokenHeader: h}
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.test/", nil)
		if _, err := tr.RoundTrip(req); !errors.Is(err, client.ErrNotSent) || !strings.Contains(err.Error(), want) {
			t.Errorf("RoundTrip, %+v: %v", h, err)
		}
	}
}

// It costs nothing more for each request.
func TestRoundTripAllocationsWithAnotherHeader(t *testing.T) {
	resp := &http.Response{StatusCode: 200, Body: http.NoBody}
	base := roundTrip(func(*http.Request) (*http.Response, error) { return resp, nil })
	tr := &client.Transport{
		Source: newSource(t, "tok-1"), Origin: parse(t, "https://api.test"), Base: base, Logger: slog.New(slog.DiscardHandler),
		TokenHeader: client.TokenHeader{Name: "X-Api-Session", Prefix: "v1 "},
	}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.test/x", nil)
	req.Header.Set("X-Header", "v")
	floor := testing.AllocsPerRun(100, func() { _, _ = base.RoundTrip(req) })
	if got := testing.AllocsPerRun(100, func() { _, _ = tr.RoundTrip(req) }); got-floor > 3 {
		t.Errorf("%v allocations more, want 3 at most", got-floor)
	}
}
