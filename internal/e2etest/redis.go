package e2etest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// Unhurried are parameters of a URL, with timeouts that a busy test machine does not reach.
const Unhurried = "dial_timeout=20s&read_timeout=20s&write_timeout=20s&pool_timeout=20s"

// Sharing returns a configuration for a Redis that is well, with timeouts that a busy machine does
// not reach. With StoreRedis a call waits as long. With StoreTiered it does not: after 250 ms it
// goes on with a token of its own.
func Sharing(t testing.TB, fake *clienttest.Server, srv interface{ Addr() string }) advoware.Config {
	t.Helper()
	return reading(t, advoware.StoreTiered, append(fake.Env(), "REDIS_URL=redis://"+srv.Addr()+"?"+Unhurried)...)
}

// InBubble returns a configuration for a fake in memory, in a bubble of testing/synctest, and a
// Redis that is well, outside: the 250 ms of a call do not pass while it waits for Redis. So it
// must not push, or time does not pass at all while a push is waited for: take miniredis.
func InBubble(t testing.TB, fake *clienttest.Server, srv interface{ Addr() string }) advoware.Config {
	t.Helper()
	// The timers of a pool that is empty would come from another bubble.
	cfg := reading(t, advoware.StoreTiered, append(fake.Env(), "REDIS_URL=redis://"+srv.Addr()+"?pool_size=64&"+Unhurried)...)
	cfg.Transport = fake.Transport()
	return cfg
}

// Reaching returns the configuration by the variables, for a store that fails if Redis is not
// reached.
func Reaching(t testing.TB, fake *clienttest.Server, pairs ...string) advoware.Config {
	t.Helper()
	return reading(t, advoware.StoreRedis, append(append(fake.Env(), "REDIS_TIMEOUT_SECONDS=20"), pairs...)...)
}

// WantShared makes calls by two clients and checks that they share one token.
func WantShared(t testing.TB, fake *clienttest.Server, cfg advoware.Config) {
	t.Helper()
	before := fake.Counts().TokenRequests
	for range 2 {
		c := Open(t, cfg)
		WaitUntil(t, "Redis is in time on a busy machine", func() bool {
			_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			return err == nil
		})
	}
	if n := fake.Counts().TokenRequests - before; n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
}

// WantUnreached checks that a store in Redis fails with an error that has the texts why, and
// that a tiered one works and logs one warning.
func WantUnreached(t testing.TB, fake *clienttest.Server, cfg advoware.Config, why ...string) {
	t.Helper()
	_, err := Open(t, cfg).Call(t.Context(), client.Request{Endpoint: "/employees"})
	if err == nil {
		t.Error("a store in Redis works")
	}
	var log Records
	cfg.Store, cfg.Logger = advoware.StoreTiered, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := Open(t, cfg)
	MustCall(t, c)
	MustCall(t, c)
	warnings := func() int { return strings.Count(log.String(), "level=WARN msg=\"Redis unreachable") }
	// A process that does not get to run puts the first timeouts down to that.
	WaitUntil(t, "the outage is told", func() bool { return warnings() > 0 })
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if n := warnings(); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, log.String())
	}
	for _, text := range why {
		if err != nil && !strings.Contains(err.Error(), text) {
			t.Errorf("%v does not say %q", err, text)
		}
	}
}

// AwaitSlots waits until a Cluster of one node accepts writes.
func AwaitSlots(t testing.TB, node *redistest.Server) {
	t.Helper()
	WaitUntil(t, "the node works", func() bool { return node.Do("SET", "probe", "x", "EX", "1") == "OK" })
}

// WaitUntil waits for something that other processes do.
func WaitUntil(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited a minute in vain until %s", what)
		}
	}
}
