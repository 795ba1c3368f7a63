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
	"testing"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
)

// dialed is a connection of a library for websockets, of which only the handshake matters here.
type dialed struct{ closed bool }

func (d *dialed) CloseNow() error { d.closed = true; return nil }

// handshake is a Dial of such a library: 200 stands for 101. It follows redirects, which it
// should not.
func handshake(t *testing.T, last *dialed) func(ctx context.Context, url string, h http.Header) (*dialed, *http.Response, error) {
	return func(ctx context.Context, u string, h http.Header) (*dialed, *http.Response, error) {
		rest, ok := strings.CutPrefix(u, "ws")
		if !ok {
			t.Errorf("the URL is %s", u)
		}
		req, err := http.NewRequestWithContext(ctx, "GET", "http"+rest, nil)
		if err != nil {
			return nil, nil, err
		}
		req.Header = h
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, nil, fmt.Errorf("dialing with %v: %w", h, err)
		}
		if resp.StatusCode != 200 {
			return nil, resp, errors.New("bad handshake")
		}
		resp.Body.Close()
		return last, resp, nil
	}
}

func TestDial(t *testing.T) {
	t.Parallel()
	s, _, c := startSessions(t)
	for range 2 {
		conn, err := client.Dial(t.Context(), c, "/live?room=1", handshake(t, new(dialed)))
		if err != nil || conn == nil {
			t.Fatalf("%v, %v", conn, err)
		}
		s.revoke() // the second one meets a 401 on the handshake
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := c.Stats(); len(s.seen) != 3 || s.issued.Load() != 2 || got.API401 != 1 || got.Calls != 2 {
		t.Errorf("%d handshakes, %d tokens, %+v", len(s.seen), s.issued.Load(), got)
	}
	for i, want := range []string{"session-1-secret", "session-1-secret", "session-2-secret"} {
		if got := s.seen[i].Get("X-Api-Session"); got != want || s.seen[i].Get("User-Agent") != "advoware-go" {
			t.Errorf("handshake %d: %v", i, s.seen[i])
		}
	}
}

// What says no to every token costs one more, and what it repeats of a token is not shown.
func TestDialRefused(t *testing.T) {
	t.Parallel()
	s, _, c := startSessions(t)
	dial := handshake(t, nil)
	n := 0
	_, err := client.Dial(t.Context(), c, "/live", func(ctx context.Context, u string, h http.Header) (*dialed, *http.Response, error) {
		s.revoke()
		n++
		return dial(ctx, u, h)
	})
	api, ok := errors.AsType[*client.APIError](err)
	if !ok || n != 2 || !errors.Is(err, client.ErrUnauthorized) || api.Path != "/live" || strings.Contains(err.Error()+string(api.Body), "-secret") || !strings.Contains(string(api.Body), "redacted") {
		t.Errorf("%d handshakes: %v", n, err)
	}
	_, err = client.Dial(t.Context(), c, "/echo", handshake(t, nil))
	if api, ok := errors.AsType[*client.APIError](err); !ok || api.Status != http.StatusTeapot || strings.Contains(err.Error(), "-secret") {
		t.Errorf("%v", err)
	}
	_, err = client.Dial(t.Context(), c, "/live", func(_ context.Context, _ string, h http.Header) (*dialed, *http.Response, error) {
		return nil, nil, fmt.Errorf("no connection, with %v", h)
	})
	if call, ok := errors.AsType[*client.CallError](err); !ok || call.Method != "GET" || call.Endpoint != "/live" || strings.Contains(err.Error(), "-secret") || !strings.Contains(err.Error(), "no connection") {
		t.Errorf("%v, %v", call, err)
	}
}

// A late 401 does not remove the token that has replaced the refused one.
func TestDialRefusedLate(t *testing.T) {
	t.Parallel()
	s, _, c := startSessions(t)
	dial, n := handshake(t, new(dialed)), 0
	_, err := client.Dial(t.Context(), c, "/live", func(ctx context.Context, u string, h http.Header) (*dialed, *http.Response, error) {
		if n++; n == 1 {
			if _, err := c.Source().Refresh(ctx); err != nil {
				t.Error(err)
			}
		}
		return dial(ctx, u, h)
	})
	if err != nil || n != 2 || s.issued.Load() != 2 {
		t.Errorf("%d handshakes, %d tokens: %v", n, s.issued.Load(), err)
	}
}

// The token goes to the origin: whatever the endpoint says, and a redirect that a library
// followed all the same is an error, and the end of the token.
func TestDialStaysWithinTheOrigin(t *testing.T) {
	t.Parallel()
	s, _, c := startSessions(t)
	for _, endpoint := range []string{"wss://evil.example/live", "https://evil.example", "/../x\r\n"} {
		_, err := client.Dial(t.Context(), c, endpoint, func(_ context.Context, u string, _ http.Header) (*dialed, *http.Response, error) {
			t.Errorf("%q is dialled at %s", endpoint, u)
			return nil, nil, io.EOF
		})
		if _, ok := errors.AsType[*client.RequestError](err); !ok || !errors.Is(err, client.ErrNotSent) {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(other.Close)
	conn := new(dialed)
	got, err := client.Dial(t.Context(), c, "/away?to="+other.URL, handshake(t, conn))
	if left, ok := errors.AsType[*client.OriginError](err); !ok || !left.Redirect || left.Target != other.URL || got != nil || !conn.closed {
		t.Errorf("a redirect to another server: %v, %v, closed: %v", err, got, conn.closed)
	}
	_, err = client.Dial(t.Context(), c, "/away?to="+other.URL+"/404", func(ctx context.Context, u string, h http.Header) (*dialed, *http.Response, error) {
		_, resp, _ := handshake(t, nil)(ctx, u, h)
		return nil, resp, errors.New("bad handshake")
	})
	if left, ok := errors.AsType[*client.OriginError](err); !ok || left.Target != other.URL {
		t.Errorf("a redirect to another server that opens nothing: %v", err)
	}
	if _, err := client.Dial(t.Context(), c, "/live", handshake(t, new(dialed))); err != nil || s.issued.Load() != 3 {
		t.Errorf("the token that another server has got stays in use: %v, %d tokens", err, s.issued.Load())
	}
}

func TestDialFollowsTheOffice(t *testing.T) {
	t.Parallel()
	o, first, second := startOffices(t), startAPI(t, nil), startAPI(t, nil)
	o.names.Store(first.URL)
	c := moving(t, o, true)
	if _, err := client.Dial(t.Context(), c, "/live", handshake(t, new(dialed))); err != nil {
		t.Fatal(err)
	}
	first.took(t, "GET /live")
	first.Close()
	o.names.Store(second.URL)
	if _, err := client.Dial(t.Context(), c, "/live", handshake(t, new(dialed))); err != nil {
		t.Fatal(err)
	}
	second.took(t, "GET /live")
}

func TestDialThatMayNotBe(t *testing.T) {
	t.Parallel()
	never := func(context.Context, string, http.Header) (*dialed, *http.Response, error) {
		t.Error("it is dialled")
		return nil, nil, io.EOF
	}
	c, err := client.New(client.Config{Source: newSource(t, "tok"), ReadOnly: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Dial(t.Context(), c, "/live", never); !errors.Is(err, client.ErrReadOnly) || !errors.Is(err, client.ErrNotSent) {
		t.Errorf("read only: %v", err)
	}
	_, _, c = startSessions(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Dial(ctx, c, "/live", never); !errors.Is(err, context.Canceled) || !errors.Is(err, client.ErrNotSent) {
		t.Errorf("cancelled: %v", err)
	}
	_ = c.Close()
	if _, err := client.Dial(t.Context(), c, "/live", never); !errors.Is(err, token.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if _, err := client.Dial(t.Context(), nil, "/live", never); err == nil {
		t.Error("a nil Client dials")
	}
}
