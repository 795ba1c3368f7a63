package proxy_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/pipenet"
	"github.com/advoware-go/advoware/proxy"
)

// inMemory is a fake office and a proxy in front of it, in a synctest bubble.
type inMemory struct {
	fake   *clienttest.Server
	net    *pipenet.Network
	client *http.Client
	log    *buffer
}

const memoryAddr = "localhost:8064"

func startInMemory(t *testing.T, officeStall, stall time.Duration) *inMemory {
	t.Helper()
	cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true, Rows: 100_000})
	in := &inMemory{fake: fake, net: new(pipenet.Network), log: new(buffer)}
	logger := slog.New(slog.NewTextHandler(in.log, nil))
	p, err := proxy.New(proxy.Config{Offices: []proxy.Office{{Name: "fake", Client: open(t, cfg)}}, OfficeStall: officeStall, ClientStall: stall, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	l, err := in.net.Listen(memoryAddr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- proxy.Serve(ctx, p, proxy.Server{Listeners: []net.Listener{l}, Stall: stall, Logger: logger})
	}()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return in.net.DialContext(ctx, "tcp", memoryAddr)
	}}
	in.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return in
}

func (in *inMemory) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := in.net.DialContext(t.Context(), "tcp", memoryAddr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func (in *inMemory) get(t *testing.T, path string) (status int, body string, took time.Duration) {
	t.Helper()
	return in.send(t, "GET", path, nil)
}

func (in *inMemory) send(t *testing.T, method, path string, body io.Reader) (status int, text string, took time.Duration) {
	t.Helper()
	began := time.Now()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+memoryAddr+path, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := in.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(all), time.Since(began)
}
