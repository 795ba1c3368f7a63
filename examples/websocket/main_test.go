package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/examples/internal/exampletest"
)

func TestMain(m *testing.M) { exampletest.Main(m, main) }

// live is a server of websockets, which takes each token but those that it was told to refuse.
type live struct {
	*httptest.Server
	mu      sync.Mutex
	refuses map[string]bool
	seen    []string
	restart bool // the next connection is closed as if the server went away
}

func startLive(t *testing.T) *live {
	l := &live{refuses: make(map[string]bool)}
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	return l
}

func (l *live) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	auth := r.Header.Get("Authorization")
	l.mu.Lock()
	l.seen = append(l.seen, auth)
	refused, restart := l.refuses[auth] || l.refuses["all"], l.restart
	l.restart = false
	l.mu.Unlock()
	switch {
	case refused || !strings.HasPrefix(auth, "Bearer "):
		http.Error(w, "unauthorized: "+auth, http.StatusUnauthorized)
		return
	case r.URL.Path == "/away":
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	for i := range 2 {
		if conn.Write(r.Context(), websocket.MessageText, fmt.Appendf(nil, "message %d", i+1)) != nil {
			return
		}
	}
	if restart {
		_ = conn.Close(websocket.StatusGoingAway, "")
		return
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
}

// refuse makes the server refuse what it has seen so far: the tokens are revoked.
func (l *live) refuse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, auth := range l.seen {
		l.refuses[auth] = true
	}
}

func (l *live) handshakes() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.seen...)
}

func TestProgram(t *testing.T) {
	t.Parallel()
	fake, l := clienttest.Start(t, clienttest.Options{}), startLive(t)
	l.mu.Lock()
	l.restart = true
	l.mu.Unlock()
	env := append(exampletest.Env(fake), "ADVOWARE_API_BASE_URL="+l.URL)
	r := exampletest.Run(t, env, "-endpoint", "/live")
	if want := strings.Repeat("message 1\nmessage 2\n", 2); r.Status != 0 || r.Stdout != want {
		t.Errorf("status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
	if n := fake.Counts().TokenRequests; n != 1 || len(l.handshakes()) != 2 {
		t.Errorf("%d token requests, %d handshakes", n, len(l.handshakes()))
	}
	l.mu.Lock()
	l.refuses["all"] = true
	l.mu.Unlock()
	r = exampletest.Run(t, env)
	if r.Status != 1 || !strings.Contains(r.Stderr, "401") || strings.Contains(r.Stderr, strings.TrimPrefix(l.handshakes()[0], "Bearer ")) {
		t.Errorf("refused: status %d: %q\n%s", r.Status, r.Stdout, r.Stderr)
	}
}

func connect(t *testing.T, url string) (*client.Client, *clienttest.Server) {
	t.Helper()
	cfg, fake := advowaretest.Config(t, clienttest.Options{})
	cfg.BaseURL = url
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, fake
}

// Both libraries: a 401 on the handshake is answered with another token, once, and what refuses
// all of them is an APIError without a token in it.
func TestUnauthorizedHandshake(t *testing.T) {
	t.Parallel()
	for name, once := range map[string]func(context.Context, *client.Client, string) error{
		"coder": func(ctx context.Context, c *client.Client, endpoint string) error {
			conn, err := client.Dial(ctx, c, endpoint, dial)
			if err != nil {
				return err
			}
			if err := messages(ctx, conn); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
				return err
			}
			return nil
		},
		"gorilla": func(ctx context.Context, c *client.Client, endpoint string) error {
			conn, err := client.Dial(ctx, c, endpoint, gorilla.DefaultDialer.DialContext)
			if err != nil {
				return err
			}
			defer conn.Close()
			for {
				if _, _, err := conn.ReadMessage(); gorilla.IsCloseError(err, gorilla.CloseNormalClosure) {
					return nil
				} else if err != nil {
					return err
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := startLive(t)
			c, fake := connect(t, l.URL)
			for range 2 {
				if err := once(t.Context(), c, "/live"); err != nil {
					t.Fatal(err)
				}
				l.refuse()
			}
			got := l.handshakes()
			if len(got) != 3 || got[0] != got[1] || got[1] == got[2] || fake.Counts().TokenRequests != 2 {
				t.Errorf("%d handshakes, %d token requests", len(got), fake.Counts().TokenRequests)
			}
			l.mu.Lock()
			l.refuses["all"] = true
			l.mu.Unlock()
			err := once(t.Context(), c, "/live")
			api, ok := errors.AsType[*client.APIError](err)
			if !ok || !errors.Is(err, client.ErrUnauthorized) {
				t.Fatalf("%v", err)
			}
			for _, auth := range l.handshakes() {
				if token := strings.TrimPrefix(auth, "Bearer "); strings.Contains(err.Error()+string(api.Body), token) {
					t.Errorf("the token is in the error: %v", err)
				}
			}
		})
	}
}

// Neither library follows a redirect with the token.
func TestRedirectedHandshake(t *testing.T) {
	t.Parallel()
	l := startLive(t)
	c, _ := connect(t, l.URL)
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other server was asked") }))
	t.Cleanup(other.Close)
	_, err := client.Dial(t.Context(), c, "/away?to="+other.URL, dial)
	if api, ok := errors.AsType[*client.APIError](err); !ok || api.Status != http.StatusFound {
		t.Errorf("coder: %v", err)
	}
	_, err = client.Dial(t.Context(), c, "/away?to="+other.URL, gorilla.DefaultDialer.DialContext)
	if api, ok := errors.AsType[*client.APIError](err); !ok || api.Status != http.StatusFound {
		t.Errorf("gorilla: %v", err)
	}
}
