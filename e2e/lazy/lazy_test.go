package lazy_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
)

// env returns the variables of a lazy worker on a fake and a Redis, nil for one that is down.
func env(t *testing.T, fake *clienttest.Server, redis interface{ Addr() string }) []string {
	t.Helper()
	host, port := "127.0.0.1", e2etest.ClosedPort(t)
	if redis != nil {
		host, port, _ = net.SplitHostPort(redis.Addr())
	}
	return append(fake.Env(), "ADVOWARE_LAZY=true", "REDIS_HOST="+host, "REDIS_PORT="+port)
}

// until waits until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !so(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Between calls nothing runs and nothing is open, whatever the calls met, and with each store.
func TestNothingBetweenCalls(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreMemory, advoware.StoreRedis} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			fake, srv := clienttest.Start(t, clienttest.Options{}), redistest.Start(t)
			w := start(t, kind, env(t, fake, srv)...)
			w.mustBeIdle("nothing")
			w.mustCall()
			w.mustBeIdle("a call that fetches")
			w.mustCall()
			w.mustBeIdle("a hit")
			if r := w.does("write"); r.Err != "" {
				t.Fatal(r.Err)
			}
			w.mustBeIdle("a call that writes")
			fake.RevokeAll()
			w.mustCall()
			w.mustBeIdle("a 401")
			fake.Inject(clienttest.Fault{On: clienttest.API, Hang: true})
			if r := w.does("hurried"); r.Err == "" {
				t.Error("the API hangs, and the call has an answer")
			}
			w.mustBeIdle("an API that hangs")
			fake.RevokeAll()
			fake.Inject(clienttest.Fault{Status: http.StatusServiceUnavailable})
			if r := w.does("call"); r.Err == "" {
				t.Error("the gateway is down, and the call has an answer")
			}
			w.mustBeIdle("a gateway that is down")
			if kind == advoware.StoreMemory {
				return
			}
			srv.Stop()
			_ = w.does("call")
			w.mustBeIdle("a Redis that hangs")
			srv.Cont()
			srv.Kill()
			_ = w.does("call")
			w.mustBeIdle("a Redis that is down")
		})
	}
}

// The same process without the mode has connections and goroutines of its own.
func TestNotLazy(t *testing.T) {
	t.Parallel()
	fake, srv := clienttest.Start(t, clienttest.Options{}), redistest.Start(t)
	w := start(t, advoware.StoreTiered, append(env(t, fake, srv), "ADVOWARE_LAZY=false")...)
	w.mustCall()
	if r := w.does("not idle"); r.Goroutines == 0 || r.Sockets == 0 {
		t.Errorf("%+v; the check finds nothing", r)
	}
}

// A process that stands still for longer than its token lives uses no ended token when it goes
// on, and its first call succeeds.
func TestStoppedForLongerThanATokenLives(t *testing.T) {
	for _, kind := range []advoware.StoreKind{advoware.StoreTiered, advoware.StoreMemory} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			fake, srv := clienttest.Start(t, clienttest.Options{Lifetime: 2 * time.Second}), redistest.Start(t)
			w := start(t, kind, env(t, fake, srv)...)
			for range 2 {
				before := w.mustCall()
				w.stop()
				time.Sleep(before.Left + margins.Guard + 100*time.Millisecond) // by any clock
				w.wake()
				after := w.mustCall()
				if after.Fingerprint == before.Fingerprint || after.Left > 2*time.Second {
					t.Errorf("%+v after %+v; want another token", after, before)
				}
			}
			if n := fake.Counts(); n.Unauthorized != 0 || n.TokenRequests != 4 && n.TokenRequests != 3 {
				t.Errorf("%+v; want no 401, and a token request after each pause", n)
			}
		})
	}
}

// A process that is stopped while it holds the lease is replaced, and does not put its token in
// place of the newer one when it goes on.
func TestStoppedHolderStoresNoOlderToken(t *testing.T) {
	t.Parallel()
	fake, srv := clienttest.Start(t, clienttest.Options{}), redistest.Start(t)
	holder, other := start(t, advoware.StoreTiered, env(t, fake, srv)...), start(t, advoware.StoreTiered, env(t, fake, srv)...)
	answer := fake.Inject(clienttest.Fault{Delay: 500 * time.Millisecond}) // its token is issued, and on its way
	holder.tell("call")
	until(t, "the holder asks the gateway", func() bool { return answer.Hits() == 1 })
	holder.stop()
	newer := other.mustCall()
	var stored any
	until(t, "the token of the other process is in Redis", func() bool { // a busy one writes it with a later call
		stored = srv.Do("GET", fake.Getenv("ADVOWARE_TOKEN_KEY"))
		if stored == nil {
			other.mustCall()
		}
		return stored != nil
	})
	if n := fake.Counts(); n.TokenRequests != 2 {
		t.Fatalf("%+v, %v in Redis; want the token of the other process", n, stored)
	}
	holder.wake()
	r := holder.answer()
	if r.Err != "" || r.Fingerprint != newer.Fingerprint {
		t.Errorf("the holder goes on with %+v, want the newer token %s", r, newer.Fingerprint)
	}
	if now := srv.Do("GET", fake.Getenv("ADVOWARE_TOKEN_KEY")); now != stored {
		t.Errorf("another token in Redis than the newer one: %v, want %v", now, stored)
	}
	holder.mustBeIdle("that")
	if r := holder.mustCall(); r.Fingerprint != newer.Fingerprint {
		t.Errorf("%+v, want %s", r, newer.Fingerprint)
	}
}

// A token request that runs out of time because the process was stopped does not count as an
// outage of the gateway: the next call has a token.
func TestStoppedInTheMiddleOfATokenRequest(t *testing.T) {
	t.Parallel()
	fake := clienttest.Start(t, clienttest.Options{})
	w := start(t, advoware.StoreMemory, append(env(t, fake, nil), "ADVOWARE_API_TIMEOUT_SECONDS=1")...)
	fault := fake.Inject(clienttest.Fault{Hang: true})
	w.tell("call")
	until(t, "it asks the gateway", func() bool { return fault.Hits() == 1 })
	w.stop()
	time.Sleep(4 * time.Second)
	w.wake()
	_ = w.answer() // its own time was over
	if r := w.does("call"); r.Err != "" {
		t.Errorf("the next call: %v", r.Err)
	}
}

// Two lazy processes that start at a time make one token request, and so do they for a renewal.
func TestFleetOfLazyProcesses(t *testing.T) {
	t.Parallel()
	fake, srv := clienttest.Start(t, clienttest.Options{TokenLatency: 200 * time.Millisecond}), redistest.Start(t)
	var fleet []*worker
	for range 4 {
		fleet = append(fleet, start(t, advoware.StoreTiered, env(t, fake, srv)...))
	}
	for _, w := range fleet {
		w.tell("call")
	}
	seen := make(map[string]bool)
	for _, w := range fleet {
		r := w.answer()
		seen[r.Fingerprint] = true
		if r.Err != "" {
			t.Error(r.Err)
		}
	}
	if n := fake.Counts(); n.TokenRequests != 1 || len(seen) != 1 {
		t.Errorf("%d token requests for %d tokens", n.TokenRequests, len(seen))
	}
}

// Each request has a connection of its own, so that none can be dead after a pause.
func TestNoConnectionIsKept(t *testing.T) {
	t.Parallel()
	var open, made atomic.Int64
	fake := clienttest.Start(t, clienttest.Options{})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "[]") }))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			made.Add(1)
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	srv.Start()
	defer srv.Close()
	cfg := e2etest.Config(t, fake, nil)
	cfg.Store, cfg.Lazy, cfg.BaseURL = advoware.StoreMemory, true, srv.URL
	c := e2etest.Open(t, cfg)
	for n := int64(1); n <= 3; n++ {
		e2etest.MustCall(t, c)
		until(t, "the connection is closed", func() bool { return open.Load() == 0 })
		if made.Load() != n {
			t.Errorf("%d connections for %d calls", made.Load(), n)
		}
		srv.CloseClientConnections() // what a server does meanwhile
	}
}

// Stores are lazy for all of their clients or for none.
func TestSharedStores(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{})
	cfg := e2etest.Config(t, fake, nil)
	cfg.Store = advoware.StoreMemory
	open := func(lazy bool) *advoware.Stores {
		cfg := cfg
		cfg.Lazy = lazy
		s, err := advoware.OpenStores(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	cfg.Shared, cfg.Lazy = open(false), true
	if _, err := advoware.New(cfg); err == nil || !strings.Contains(err.Error(), "Lazy") {
		t.Errorf("a lazy client on other stores: %v", err)
	}
	cfg.Shared, cfg.Lazy = open(true), false
	c := e2etest.Open(t, cfg)
	e2etest.MustCall(t, c)
	if st := c.Status(); st.Renewal.IsZero() {
		t.Errorf("%+v; want a renewal planned", st)
	}
	cfg.Shared, cfg.Lazy, cfg.TokenKey = advoware.UseStore(new(store.Map)), true, "other"
	e2etest.MustCall(t, e2etest.Open(t, cfg))
}
