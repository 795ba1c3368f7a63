package discovery_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/secret"
)

const (
	defaultBase  = "https://www2.advo-net.net:90/"
	defaultToken = "https://security.advo-net.net/api/v1/Token"
)

// vendor is a service that answers what a test says, over no network.
type vendor struct {
	answer atomic.Value // func(*http.Request) (*http.Response, error)
	asked  atomic.Int64
}

func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	v.asked.Add(1)
	return v.answer.Load().(func(*http.Request) (*http.Response, error))(req)
}

func (v *vendor) does(f func(*http.Request) (*http.Response, error)) { v.answer.Store(f) }

func (v *vendor) says(body string) {
	v.does(func(req *http.Request) (*http.Response, error) { return answered(200, body), nil })
}

func (v *vendor) fails() {
	v.does(func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") })
}

// hangs lets requests wait for the end of their contexts.
func (v *vendor) hangs() {
	v.does(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
}

func answered(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

func saying(body string) *vendor {
	v := new(vendor)
	v.says(body)
	return v
}

// office is the answer for a connector.
func office(host string) string {
	return `{"relayUrl":"https://www2.advo-net.net:90/","connectorUrl":"https://` + host + `/","securityGateway":"https://security.advo-net.net/"}`
}

func config(v http.RoundTripper) discovery.Config {
	return discovery.Config{
		Kanzlei: "kanzlei", BaseURL: defaultBase, TokenURL: defaultToken, Base: v,
		Key: "token", Secret: secret.New("s3cret"), Logger: slog.New(slog.DiscardHandler),
	}
}

func open(t testing.TB, cfg discovery.Config) *discovery.Finder {
	t.Helper()
	f, err := discovery.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func mustFind(t testing.TB, f *discovery.Finder) *discovery.Addresses {
	t.Helper()
	a, err := f.Find(context.Background())
	if err != nil || a == nil {
		t.Fatal(a, err)
	}
	return a
}

func wantAPI(t testing.TB, a *discovery.Addresses, want string) {
	t.Helper()
	if a == nil || a.API.String() != want {
		t.Errorf("the API is at %v, want %s", a, want)
	}
}

func wantAsked(t testing.TB, v *vendor, want int64) {
	t.Helper()
	if n := v.asked.Load(); n != want {
		t.Errorf("the vendor was asked %d times, want %d", n, want)
	}
}

// memory is a Memory in this process, which fails on demand.
type memory struct {
	mu    sync.Mutex
	texts map[string]string
	ends  map[string]time.Time
	err   error
	hang  bool
	calls atomic.Int64
}

func (m *memory) enter(ctx context.Context) error {
	m.calls.Add(1)
	m.mu.Lock()
	hang, err := m.hang, m.err
	m.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func (m *memory) Get(ctx context.Context, key string) (string, error) {
	if err := m.enter(ctx); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !time.Now().Before(m.ends[key]) {
		return "", nil
	}
	return m.texts[key], nil
}

func (m *memory) Set(ctx context.Context, key, text string, ttl time.Duration) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	m.put(key, text, ttl)
	return nil
}

func (m *memory) put(key, text string, ttl time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.texts == nil {
		m.texts, m.ends = map[string]string{}, map[string]time.Time{}
	}
	m.texts[key], m.ends[key] = text, time.Now().Add(ttl)
}

func (m *memory) Claim(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if err := m.enter(ctx); err != nil {
		return false, err
	}
	m.mu.Lock()
	taken := time.Now().Before(m.ends[key])
	m.mu.Unlock()
	if !taken {
		m.put(key, "1", ttl)
	}
	return !taken, nil
}

func (m *memory) fail(err error, hang bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err, m.hang = err, hang
}

func (m *memory) text(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.texts[key]
}

// records is a log that can be read.
type records struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *records) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *records) lines(level string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Count(r.text.String(), "level="+level)
}

func (r *records) logger() *slog.Logger { return slog.New(slog.NewTextHandler(r, nil)) }

// writer is a log that breaks.
type writer struct{ breaks func() }

func (w *writer) Write(p []byte) (int, error) { w.breaks(); return len(p), nil }
func (w *writer) logger() *slog.Logger        { return slog.New(slog.NewTextHandler(w, nil)) }
