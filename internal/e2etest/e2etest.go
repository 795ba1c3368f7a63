// Package e2etest has what the tests of whole systems share: clients that the
// environment configures, on a fake Advoware and, where a test has one, a real Redis.
//
// The tests themselves are in the packages below e2e, one for each family, so that go
// test runs them side by side, and in the root package. What fails here fails the test.
//
// Everything here is safe for concurrent use, as far as its testing.TB is.
package e2etest

import (
	"fmt"
	"log/slog"
	"net"
	"testing"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/testport"
	"github.com/advoware-go/advoware/secret"
)

// Config returns a configuration for a fake and a Redis, nil for one that is down, without a
// log.
func Config(t testing.TB, fake *clienttest.Server, redis interface{ Addr() string }) advoware.Config {
	t.Helper()
	host, port := "127.0.0.1", ""
	if redis != nil {
		host, port, _ = net.SplitHostPort(redis.Addr())
	} else {
		port = ClosedPort(t)
	}
	return reading(t, advoware.StoreTiered, append(fake.Env(), "REDIS_HOST="+host, "REDIS_PORT="+port)...)
}

// reading returns the configuration by these variables, NAME=value each; of two values of a
// name the last one counts.
func reading(t testing.TB, kind advoware.StoreKind, pairs ...string) advoware.Config {
	t.Helper()
	cfg, err := Read(Vars(pairs...), kind)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	return cfg
}

// Open returns a client that is closed with the test.
func Open(t testing.TB, cfg advoware.Config) *client.Client {
	t.Helper()
	c, err := advoware.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// MustCall makes a call that has an answer.
func MustCall(t testing.TB, c *client.Client) {
	t.Helper()
	if body, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); err != nil || len(body) == 0 {
		t.Fatalf("got %d bytes, %v", len(body), err)
	}
}

// WantRequests checks how many token requests all clients of a fake have made on a Redis that is
// well. A client that waits 250 ms for it in vain goes on without it, and counts that: on a machine
// that is much too busy there may be one more for each such wait. It reports whether there was none.
func WantRequests(t testing.TB, fake *clienttest.Server, want int, clients ...*client.Client) bool {
	t.Helper()
	late := 0
	for _, c := range clients {
		late += int(c.Stats().StoreErrors)
	}
	if got := fake.Counts().TokenRequests; got < want || got > want+late {
		t.Errorf("%d token requests, want %d; %d times a client did without Redis", got, want, late)
	}
	if late > 0 {
		t.Logf("the machine is busy: %d times a client waited for Redis in vain", late)
	}
	return late == 0
}

// Sandboxed returns a client of a fake in memory, with the memory store.
func Sandboxed(t testing.TB, change func(*advoware.Config)) (*client.Client, *clienttest.Server) {
	t.Helper()
	fake := clienttest.Start(t, clienttest.Options{InMemory: true})
	// There is no loopback in memory.
	cfg := reading(t, advoware.StoreMemory, append(fake.Env(), "ADVOWARE_ALLOW_INSECURE=true")...)
	cfg.Transport = fake.Transport()
	if change != nil {
		change(&cfg)
	}
	return Open(t, cfg), fake
}

// Kanzlei returns the configuration of the i-th of many Kanzleien, which the fake
// knows.
func Kanzlei(t testing.TB, fake *clienttest.Server, base advoware.Config, i int) advoware.Config {
	t.Helper()
	o := fake.Options()
	id := clienttest.Identity{
		AppID: o.AppID, APIKey: o.APIKey, Kanzlei: fmt.Sprintf("kanzlei-%d", i), Database: o.Database,
		User: o.User, Password: fmt.Sprintf("password-%d", i), Product: o.Product, Role: o.Role,
	}
	if err := fake.AddIdentity(id); err != nil {
		t.Fatal(err)
	}
	cfg := base
	cfg.Kanzlei, cfg.Password, cfg.TokenKey = id.Kanzlei, secret.New(id.Password), fmt.Sprintf("token-%d", i)
	return cfg
}

// ClosedPort returns a loopback port without a listener, now and later.
func ClosedPort(t testing.TB) string {
	t.Helper()
	addr, err := testport.Take()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// Must returns v, and panics if there is an error.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
