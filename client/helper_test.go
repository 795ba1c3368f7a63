package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store"
)

const storeKey = "advoware_access_token"

// world is a Client with everything real around it but the network: the fake
// Advoware in memory, a gateway that fetches from it, the reference store.
type world struct {
	*client.Client
	fake   *clienttest.Server
	source *token.Source
	store  *store.Map
	logs   *logs
	ctx    func() context.Context // the test's
	stall  atomic.Bool            // see startStalling
}

// setup is what a test has different in its world. Everything is optional.
type setup struct {
	fake    clienttest.Options
	tcp     bool // real sockets
	gateway func(*gateway.Config)
	token   func(*token.Config)
	client  func(*client.Config)
}

func start(t testing.TB, s setup) *world {
	t.Helper()
	w := &world{store: new(store.Map), logs: new(logs), ctx: t.Context}
	s.fake.InMemory = !s.tcp
	w.fake = clienttest.Start(t, s.fake)
	var err error

	tc := token.Config{
		Store: w.store, Key: storeKey, Fetch: newGateway(t, w.fake, w.logs.logger(), s.gateway).Fetch,
		Errors: gateway.Errors{}, Logger: w.logs.logger(),
	}
	if s.token != nil {
		s.token(&tc)
	}
	if w.source, err = token.New(tc); err != nil {
		t.Fatal(err)
	}
	// Not the gateway's, so that the two share no connection; they do not in life.
	base := w.fake.Transport().Clone()
	t.Cleanup(base.CloseIdleConnections)
	cc := client.Config{
		BaseURL: w.fake.BaseURL(), AllowInsecure: true, // there is no loopback in memory
		Source: w.source, Base: base, Logger: w.logs.logger(),
	}
	if s.client != nil {
		s.client(&cc)
	}
	if w.Client, err = client.New(cc); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func newGateway(t testing.TB, fake *clienttest.Server, log *slog.Logger, change func(*gateway.Config)) *gateway.Gateway {
	t.Helper()
	o := fake.Options()
	apiKey, err := signer.ParseKey(o.APIKey)
	if err != nil {
		t.Fatal(err)
	}
	cfg := gateway.Config{
		URL: fake.TokenURL(), AllowInsecure: true, Base: fake.Transport(), Logger: log,
		App: o.AppID, Kanzlei: o.Kanzlei, Database: o.Database, User: o.User,
		Password: secret.New(o.Password), Key: apiKey, Product: o.Product, Role: o.Role,
	}
	if change != nil {
		change(&cfg)
	}
	gw, err := gateway.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return gw
}

// get calls an endpoint that only matters for whether it works.
func (w *world) get(ctx context.Context, endpoint string) error {
	_, err := w.Call(ctx, client.Request{Endpoint: endpoint})
	return err
}

// bearer returns the token that the store has, "" if none.
func (w *world) bearer() string {
	tok, err := w.store.Get(context.Background(), storeKey)
	if err != nil {
		return ""
	}
	return tok.Reveal()
}

// warm fetches a token.
func (w *world) warm(t testing.TB) string {
	t.Helper()
	if err := w.get(t.Context(), "/employees"); err != nil {
		t.Fatal(err)
	}
	return w.bearer()
}

// since returns how the counts of the fake changed.
func (w *world) since(before clienttest.Counts) clienttest.Counts {
	n := w.fake.Counts()
	n.TokenRequests -= before.TokenRequests
	n.TokensIssued -= before.TokensIssued
	n.TokensRefused -= before.TokensRefused
	n.APICalls -= before.APICalls
	n.Unauthorized -= before.Unauthorized
	n.Faults -= before.Faults
	n.Connections -= before.Connections
	return n
}

// newSource returns a Source that is given these tokens, one a fetch, the last one
// again and again.
func newSource(t testing.TB, texts ...string) *token.Source {
	t.Helper()
	var mu sync.Mutex
	s, err := token.New(token.Config{
		Store: new(store.Map), Key: storeKey, Logger: slog.New(slog.DiscardHandler),
		Fetch: func(context.Context) (store.Token, error) {
			mu.Lock()
			defer mu.Unlock()
			text := texts[0]
			if len(texts) > 1 {
				texts = texts[1:]
			}
			return store.NewToken(text, time.Now(), time.Now().Add(time.Hour))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// roundTrip is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// stubbed returns a Client for a base URL whose network is a function.
func stubbed(t testing.TB, base string, rt roundTrip) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		BaseURL: base, AllowInsecure: true, Source: newSource(t, "tok-1", "tok-2"), Base: rt, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// answer makes a response as a server would; header lines are "Name: value".
func answer(req *http.Request, status int, body string, header ...string) *http.Response {
	if req.Body != nil { // the contract of a RoundTripper
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	h := http.Header{}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}

func parse(t testing.TB, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// logs keeps what was logged, as JSON lines.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// records returns the records with this message.
func (l *logs) records(t testing.TB, msg string) (found []map[string]any) {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r["msg"] == msg {
			found = append(found, r)
		}
	}
	return found
}
