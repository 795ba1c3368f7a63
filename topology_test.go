package advoware_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// unhurried is for a URL: a busy test machine is not a Redis that hangs.
const unhurried = "dial_timeout=20s&read_timeout=20s&write_timeout=20s&pool_timeout=20s"

// reaching is a configuration as the environment makes it, for a store that fails if
// Redis is not reached.
func reaching(t *testing.T, fake *clienttest.Server, pairs ...string) advoware.Config {
	t.Helper()
	vars := make(map[string]string)
	for _, pair := range append(fake.Env(), append([]string{"REDIS_TIMEOUT_SECONDS=20"}, pairs...)...) {
		name, value, _ := strings.Cut(pair, "=")
		vars[name] = value
	}
	cfg, err := read(vars, advoware.Redis)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	return cfg
}

// wantShared has two doors make calls and checks that they share one token.
func wantShared(t *testing.T, fake *clienttest.Server, cfg advoware.Config) {
	t.Helper()
	before := fake.Counts().TokenRequests
	mustCall(t, open(t, cfg))
	mustCall(t, open(t, cfg))
	if n := fake.Counts().TokenRequests - before; n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
}

// wantUnreached checks that a store in Redis fails with a text that says why, and that
// a tiered one works and says once that it goes without.
func wantUnreached(t *testing.T, fake *clienttest.Server, cfg advoware.Config, why ...string) {
	t.Helper()
	_, err := open(t, cfg).Call(t.Context(), client.Request{Endpoint: "/employees"})
	if err == nil {
		t.Error("a store in Redis works")
	}
	var log records
	cfg.Store, cfg.Logger = advoware.Tiered, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c := open(t, cfg)
	mustCall(t, c)
	mustCall(t, c)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "level=WARN msg=\"Redis unreachable"); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, log.String())
	}
	for _, text := range why {
		if err != nil && !strings.Contains(err.Error(), text) {
			t.Errorf("%v does not say %q", err, text)
		}
	}
}

// records is a log to look into.
type records struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *records) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *records) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func TestUnixSocket(t *testing.T) {
	socket := t.TempDir() + "/r.sock"
	srv, fake := redistest.Start(t, "--unixsocket", socket), newFake(t, clienttest.Options{})
	for _, vars := range [][]string{
		{"REDIS_URL=unix://" + socket + "?" + unhurried},
		{"REDIS_HOST=" + socket, "REDIS_DB_ADVOWARE_CACHE=2"},
	} {
		srv.Do("FLUSHALL")
		cfg := reaching(t, fake, vars...)
		wantShared(t, fake, cfg)
		if list := fmt.Sprint(srv.Do("CLIENT", "LIST")); !strings.Contains(list, "addr="+socket+":0") {
			t.Errorf("%v: nobody is on the socket:\n%s", vars, list)
		}
		if keys := fmt.Sprint(srv.Do("INFO", "keyspace")); !strings.Contains(keys, fmt.Sprintf("db%d:", *cfg.Redis.DB)) {
			t.Errorf("%v: the token is elsewhere: %s", vars, keys)
		}
	}
}

func TestURLNamesServerDatabaseAndUser(t *testing.T) {
	srv := redistest.Start(t, "--user", "me", "on", ">p@ss/w%rd", "~*", "&*", "+@all")
	fake := newFake(t, clienttest.Options{})
	at := "me:p%40ss%2Fw%25rd@" + srv.Addr()
	wantShared(t, fake, reaching(t, fake, "REDIS_URL=redis://"+at+"/3?"+unhurried))
	if keys := fmt.Sprint(srv.Do("INFO", "keyspace")); !strings.Contains(keys, "db3:") {
		t.Errorf("the token is elsewhere: %s", keys)
	}
	// The password may stand apart from the URL.
	wantShared(t, fake, reaching(t, fake, "REDIS_URL=redis://"+srv.Addr()+"/4?"+unhurried, "REDIS_USERNAME=me", "REDIS_PASSWORD=p@ss/w%rd"))
	wantUnreached(t, fake, reaching(t, fake, "REDIS_URL=redis://"+strings.Replace(at, "p%40", "q%40", 1)), "WRONGPASS")
}

// A sentinel or a Cluster on this machine may name servers that are elsewhere. A token
// does not go there in the clear because of that.
func TestServersElsewhereAreNotDialled(t *testing.T) {
	const elsewhere = "192.0.2.1" // leads nowhere, by RFC 5737
	fake := newFake(t, clienttest.Options{})
	sentinel := redistest.StartOneSentinel(t, elsewhere+":6379")
	node := redistest.Start(t, append(redistest.ClusterNode, "--cluster-announce-ip", elsewhere)...)
	node.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	for name, url := range map[string]string{
		"sentinel": "redis://" + sentinel.Addr() + "?master_name=" + redistest.MasterName,
		"cluster":  "redis://" + node.Addr() + "?addr=" + node.Addr(),
	} {
		t.Run(name, func(t *testing.T) {
			cfg := reaching(t, fake, "REDIS_URL="+url+"&"+unhurried)
			wantUnreached(t, fake, cfg, "advoware: Redis at "+elsewhere+":", "is neither this machine", "could read the token")
		})
	}
}

// awaitSlots waits until a Cluster of one node is sure that it is one.
func awaitSlots(t *testing.T, node *redistest.Server) {
	t.Helper()
	waitUntil(t, "the node works", func() bool { return node.Do("SET", "probe", "x", "EX", "1") == "OK" })
}

// waitUntil waits for what processes do by themselves.
func waitUntil(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited half a minute in vain until %s", what)
		}
	}
}
