package link_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/internal/redistest"
)

// prompt is a configuration with the default bounds, for the tiered store.
func prompt(t *testing.T, fake *clienttest.Server, pairs ...string) advoware.Config {
	t.Helper()
	cfg := reaching(t, fake, append([]string{"REDIS_TIMEOUT_SECONDS="}, pairs...)...)
	cfg.Store = advoware.StoreTiered
	return cfg
}

// inServer returns the token that a server has, nil for none.
func inServer(srv *redistest.Server, cfg advoware.Config) any { return srv.Do("GET", cfg.TokenKey) }

// A server that is so far away that a connection takes longer than a call waits is used
// all the same, once the connection is there.
func TestFarAwayTLSIsReached(t *testing.T) {
	t.Parallel()
	ca, fake := redistest.NewCA(t), newFake(t, clienttest.Options{})
	srv := redistest.StartTLS(t, ca, "--tls-auth-clients", "no")
	way := redistest.StartRelay(t, srv.Addr())
	way.Trip(150 * time.Millisecond)
	cfg := prompt(t, fake, "REDIS_URL=rediss://"+way.Addr(), "REDIS_TLS_CA_FILE="+ca.File())
	c := open(t, cfg)
	mustCall(t, c)
	waitUntil(t, "the token is in Redis", func() bool { mustCall(t, c); return inServer(srv, cfg) != nil })
	if n := fake.Counts().TokenRequests; n != 1 {
		t.Errorf("%d token requests", n)
	}
}

// A name with a dead address first leads to the live one, at the default bounds.
func TestDeadAddressFirstIsReached(t *testing.T) {
	srv, fake := redistest.Start(t), newFake(t, clienttest.Options{})
	_, port, _ := strings.Cut(srv.Addr(), ":")
	redistest.Dead(t, "127.0.0.2:"+port)
	resolver := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = resolver })
	net.DefaultResolver = redistest.Names(t, map[string][]netip.Addr{
		"redis.example.": {netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")},
	})
	cfg := prompt(t, fake, "REDIS_URL=redis://redis.example:"+port, "REDIS_ALLOW_REMOTE=true")
	c := open(t, cfg)
	waitUntil(t, "the token is in Redis", func() bool { mustCall(t, c); return inServer(srv, cfg) != nil })
}

// What localhost leads to decides whether it is this machine, before a password is sent.
// The test runs again where the file that names localhost is another one.
func TestLocalhostElsewhere(t *testing.T) {
	const inside = "ADVOWARE_TEST_LOCALHOST"
	host := os.Getenv(inside)
	if host == "" {
		hosts := t.TempDir() + "/hosts"
		host = elsewhere(t)
		if err := os.WriteFile(hosts, []byte(host+" localhost\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		again := exec.Command("unshare", "--mount", "--map-root-user", "sh", "-c",
			`mount --bind "$1" /etc/hosts || exit 77; shift; exec "$@"`, "sh", hosts, os.Args[0], "-test.run=^TestLocalhostElsewhere$", "-test.v")
		again.Env = append(os.Environ(), inside+"="+host)
		out, err := again.CombinedOutput()
		if strings.Contains(string(out), t.Name()) {
			t.Logf("%s", out)
			if err != nil || !strings.Contains(string(out), "--- PASS") {
				t.Errorf("there: %v", err)
			}
			return
		}
		t.Skipf("no file system of its own here: %v, %s", err, out)
	}
	heard := make(chan string, 100)
	_, port, _ := net.SplitHostPort(redistest.ListenOn(t, host+":0", func(c net.Conn) {
		buf := make([]byte, 1000)
		n, _ := c.Read(buf)
		heard <- string(buf[:n])
	}))
	fake := newFake(t, clienttest.Options{})
	wantUnreached(t, fake, reaching(t, fake, "REDIS_HOST=localhost", "REDIS_PORT="+port, "REDIS_PASSWORD=secret"), "localhost", "is neither this machine")
	select {
	case text := <-heard:
		t.Errorf("it was told %q", text)
	default:
	}
}

// elsewhere returns an address of this machine that is not one of loopback.
func elsewhere(t *testing.T) string {
	t.Helper()
	addrs, _ := net.InterfaceAddrs()
	for _, addr := range addrs {
		if p, err := netip.ParsePrefix(addr.String()); err == nil && p.Addr().Is4() && !p.Addr().IsLoopback() {
			return p.Addr().String()
		}
	}
	t.Skip("this machine has no address but those of loopback")
	return ""
}

// When all connections die without a word, changes are seen soon after, and one
// revocation is one token request for the fleet.
func TestAllConnectionsGoDumb(t *testing.T) {
	t.Parallel()
	const processes = 4
	srv, fake := redistest.Start(t), newFake(t, clienttest.Options{})
	way := redistest.StartRelay(t, srv.Addr())
	cfg := prompt(t, fake, "REDIS_URL=redis://"+way.Addr())
	var fleet []*client.Client
	for range processes {
		c := open(t, cfg)
		mustCall(t, c)
		fleet = append(fleet, c)
	}
	apart := open(t, prompt(t, fake, "REDIS_URL=redis://"+srv.Addr()))
	mustCall(t, apart)
	tracking := func() bool {
		return strings.Count(fmt.Sprint(srv.Do("CLIENT", "LIST")), "flags=tB") >= processes+1
	}
	waitUntil(t, "all are told of changes", tracking)

	// A process that waits 250 ms for Redis in vain, on a machine that is much too busy, goes
	// on alone: each time may be one more request.
	vain := func() (n int) {
		for _, c := range append(fleet, apart) {
			n += int(c.Stats().StoreErrors)
		}
		return n
	}
	cold := vain()
	way.Freeze()
	if _, err := apart.Source().Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the change is seen", func() bool {
		now := fmt.Sprint(inServer(srv, cfg))
		for _, c := range fleet {
			if tok, err := c.Source().Token(t.Context(), 0); err != nil || tok.Reveal() != now {
				return false
			}
		}
		return true
	})
	if n := fake.Counts().TokenRequests; n < 2 || n > 2+cold {
		t.Errorf("%d token requests, want 2", n)
	}

	waitUntil(t, "all are told of changes", tracking)
	mustCallAll(t, fleet)
	idle(t)
	before, waited := fake.Counts().TokenRequests, vain()
	way.Freeze()
	fake.RevokeAll()
	mustCallAll(t, fleet)
	if n, late := fake.Counts().TokenRequests-before, vain()-waited; n < 1 || n > 1+late {
		t.Errorf("%d token requests for one revocation, want 1; %d times a process waited for Redis in vain", n, late)
	}
}

// idle waits until connections have been idle for longer than is worth a doubt.
func idle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	<-ctx.Done()
}

func mustCallAll(t *testing.T, fleet []*client.Client) {
	t.Helper()
	var calls sync.WaitGroup
	for _, c := range fleet {
		calls.Go(func() {
			if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
}

// An address leads to another server after a failover, and the demoted master keeps its
// connections and hears of nothing more: they are given up, and changes are seen again.
func TestRepointedAddress(t *testing.T) {
	t.Parallel()
	old, next, fake := redistest.Start(t), redistest.Start(t), newFake(t, clienttest.Options{})
	way := redistest.StartRelay(t, old.Addr())
	cfg := prompt(t, fake, "REDIS_URL=redis://"+way.Addr())
	c := open(t, cfg)
	mustCall(t, c)
	waitUntil(t, "the token is in Redis", func() bool { return inServer(old, cfg) != nil })
	waitUntil(t, "it is told of changes", func() bool { return strings.Contains(fmt.Sprint(old.Do("CLIENT", "LIST")), "flags=tB") })
	way.Point(next.Addr())
	old.Do("REPLICAOF", "127.0.0.1", "1")

	apart := open(t, prompt(t, fake, "REDIS_URL=redis://"+next.Addr()))
	if _, err := apart.Source().Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the change is seen", func() bool {
		tok, err := c.Source().Token(t.Context(), 0)
		return err == nil && tok.Reveal() == inServer(next, cfg)
	})
	waitUntil(t, "nobody is left at the old one", func() bool { mustCall(t, c); return links(old) == 0 })
	if n := fake.Counts().TokenRequests; n != 2 {
		t.Errorf("%d token requests, want 2", n)
	}
}

// The nodes of a Cluster may not know by which host they are reached: it is the one that
// they were asked at.
func TestClusterOfUnknownEndpoints(t *testing.T) {
	fake := newFake(t, clienttest.Options{})
	node := redistest.Start(t, append(redistest.ClusterNode, "--cluster-preferred-endpoint-type", "unknown-endpoint")...)
	node.Do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	awaitSlots(t, node)
	_, port, _ := strings.Cut(node.Addr(), ":")
	redistest.Dead(t, "127.0.0.2:"+port) // the first host that is named
	cfg := reaching(t, fake, "REDIS_URL=redis://127.0.0.2:"+port+"?read_timeout=20s&addr="+node.Addr())
	wantShared(t, fake, cfg)
	if inServer(node, cfg) == nil {
		t.Error("the token is elsewhere")
	}
}

// A server that hangs costs a call 250 ms, whatever the store, and whatever connection is
// at hand: one that was just used, or one that was idle, after which another one is tried.
func TestServerThatHangsCostsACallLittle(t *testing.T) {
	t.Parallel()
	const most = 320 * time.Millisecond // 250 ms, and what the machine takes
	for _, kind := range []advoware.StoreKind{advoware.StoreRedis, advoware.StoreTiered} {
		for name, idle := range map[string]time.Duration{"just used": 0, "idle": 1200 * time.Millisecond} {
			t.Run(fmt.Sprint(kind, "/", name), func(t *testing.T) {
				srv, fake := redistest.Start(t), newFake(t, clienttest.Options{})
				cfg := prompt(t, fake, "REDIS_URL=redis://"+srv.Addr())
				cfg.Store = kind
				c := open(t, cfg)
				mustCall(t, c)
				if kind == advoware.StoreTiered { // one that has to ask Redis
					cfg.TokenKey += "_2"
					c = open(t, cfg)
				}
				longest := time.Hour
				for range 3 { // a busy machine makes one call late, not all
					<-time.After(idle)
					longest = min(longest, longestCall(t, srv, c, kind == advoware.StoreTiered))
					if longest <= most {
						return
					}
					if kind == advoware.StoreRedis {
						waitUntil(t, "it is over", func() bool {
							_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
							return err == nil
						})
					}
				}
				t.Errorf("a call took %v", longest)
			})
		}
	}
}

// longestCall makes calls while a server hangs.
func longestCall(t *testing.T, srv *redistest.Server, c *client.Client, works bool) (longest time.Duration) {
	t.Helper()
	srv.Stop()
	defer srv.Cont()
	for range 4 {
		began := time.Now()
		_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"})
		longest = max(longest, time.Since(began))
		if (err == nil) != works {
			t.Errorf("a call: %v", err)
		}
	}
	return longest
}
