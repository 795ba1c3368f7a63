package advoware_test

import (
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/testport"
)

func newFake(t *testing.T, opts clienttest.Options) *clienttest.Server {
	t.Helper()
	fake, err := clienttest.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake
}

// config leads to a fake and to a Redis, and logs nothing.
func config(t *testing.T, fake *clienttest.Server, mr *miniredis.Miniredis) advoware.Config {
	t.Helper()
	vars := make(map[string]string)
	for _, line := range fake.Env() {
		name, value, _ := strings.Cut(line, "=")
		vars[name] = value
	}
	if mr != nil {
		vars["REDIS_HOST"], vars["REDIS_PORT"] = mr.Host(), mr.Port()
	} else {
		vars["REDIS_HOST"], vars["REDIS_PORT"] = "127.0.0.1", closedPort(t)
	}
	cfg, err := read(vars, advoware.Tiered)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	return cfg
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

func mustCall(t *testing.T, c *client.Client) {
	t.Helper()
	if body, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); err != nil || len(body) == 0 {
		t.Fatalf("got %d bytes, %v", len(body), err)
	}
}

// closedPort returns a loopback port that nobody listens on, or will.
func closedPort(t testing.TB) string {
	t.Helper()
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	return port
}
