package proxy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/proxy"
)

// rig is an office, a proxy in front of it, and what the proxy logs.
type rig struct {
	url    string // of the proxy, without a slash at the end
	office *httptest.Server
	fake   *clienttest.Server // issues the tokens
	log    *buffer
	stop   func() error // ends the proxy; returns what Serve did
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// options are what differs from the defaults.
type options struct {
	config func(*advoware.Config)
	proxy  func(*proxy.Config)
	server func(*proxy.Server)
	fake   clienttest.Options
}

// start serves a proxy in front of an office.
func start(t *testing.T, office http.Handler, o options) *rig {
	t.Helper()
	srv := httptest.NewServer(office)
	t.Cleanup(srv.Close)
	r := &rig{office: srv, log: new(buffer)}
	cfg, fake := advowaretest.Config(t, o.fake)
	cfg.BaseURL, cfg.Transport = srv.URL+"/", nil
	if o.config != nil {
		o.config(&cfg)
	}
	r.fake = fake
	r.serve(t, o, []proxy.Office{{Name: "muster", Client: open(t, cfg)}})
	return r
}

func open(t *testing.T, cfg advoware.Config) *client.Client {
	t.Helper()
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// serve serves offices.
func (r *rig) serve(t *testing.T, o options, offices []proxy.Office) {
	t.Helper()
	if r.log == nil {
		r.log = new(buffer)
	}
	logger := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	pc := proxy.Config{Offices: offices, Logger: logger}
	if o.proxy != nil {
		o.proxy(&pc)
	}
	p, err := proxy.New(pc)
	if err != nil {
		t.Fatal(err)
	}
	l, err := proxy.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := proxy.Server{Listeners: []net.Listener{l}, Logger: logger}
	if o.server != nil {
		o.server(&s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- proxy.Serve(ctx, p, s) }()
	r.url = "http://" + l.Addr().String()
	r.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = r.stop() })
}

// plain is a client that neither follows redirects nor unpacks anything.
var plain = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// answer is a response whose body has been read.
type answer struct {
	*http.Response
	body string
}

// do sends a request to the proxy, with headers in pairs.
func (r *rig) do(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Add(header[i], header[i+1])
	}
	return send(t, req)
}

func send(t *testing.T, req *http.Request) answer {
	t.Helper()
	resp, err := plain.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(text)}
}

// problem is what the proxy answers itself.
type problem struct {
	Kind, Message, Office, Reason, Outcome string
}

// wantProblem checks an answer of the proxy itself.
func (a answer) wantProblem(t *testing.T, status int, kind proxy.Kind) problem {
	t.Helper()
	var body struct{ Error problem }
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || a.StatusCode != status || body.Error.Kind != string(kind) || a.Header.Get("Advoware-Proxy-Error") != string(kind) {
		t.Fatalf("%s, %q, %v: want %d and %s", a.Status, a.body, a.Header, status, kind)
	}
	if got := a.Header.Get("Advoware-Proxy-Outcome"); got != body.Error.Outcome {
		t.Errorf("outcome %q in the header, %q in the body", got, body.Error.Outcome)
	}
	return body.Error
}

// raw sends bytes to the proxy on a connection of their own, and returns it.
func (r *rig) raw(t *testing.T, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}
