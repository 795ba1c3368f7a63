package benchmarks

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
)

// BenchmarkGrowth is what a process and its Redis pay as the tenants become more: clients of the
// door, each with a key of its own, on one Stores and one real Redis. processes=P is one process
// that renews each token once, and P-1 more that only follow: Stores of their own, here in the
// same process. What one more of those costs is the slope. ns/op means nothing.
//
//   - hit-ns: a valid token of any of the tenants, asked for in no order.
//   - B/tenant: heap of one process over its keys and tokens.
//   - redis-commands/renewal, redis-cpu-us/renewal: of the server, as it counts them itself, until
//     all processes have the new token.
//   - cpu-us/renewal: of all processes together; the token request is answered in memory.
//   - redis-commands/s, cpu-us/s: of all processes together, while nothing is asked or renewed, and
//     what comes after a first use is over.
//
// `go -C benchmarks tool bench growth` makes a table of it.
func BenchmarkGrowth(b *testing.B) {
	for _, tenants := range pick([]int{1, 10, 100, 1000, 5000, 20000}, []int{1, 50}) {
		for _, processes := range pick([]int{1, 2, 4}, []int{1, 2}) {
			if tenants > 5000 && processes > 2 {
				continue // minutes, and the slope is known
			}
			b.Run(fmt.Sprintf("tenants=%d/processes=%d", tenants, processes), func(b *testing.B) {
				for b.Loop() {
					part := &scope{TB: b}
					server := redistest.Start(part)
					grow(b, part, serversOf{server}, advoware.RedisConfig{URL: redisURL(server)}, tenants, processes)
					part.end()
				}
			})
		}
	}
}

// BenchmarkGrowthCluster is the same on a Cluster of three masters. busiest-share is what of the
// commands the busiest one has: a third if the keys are spread evenly.
func BenchmarkGrowthCluster(b *testing.B) {
	tenants := pick(1000, 50)
	for _, processes := range []int{1, 2} {
		b.Run(fmt.Sprintf("tenants=%d/processes=%d", tenants, processes), func(b *testing.B) {
			for b.Loop() {
				part := &scope{TB: b}
				cluster := redistest.StartCluster(part)
				masters, addrs := serversOf(cluster.Masters()), cluster.Addrs()
				url := redisURL(masters[0]).Reveal() + "?addr=" + strings.Join(addrs[1:], "&addr=")
				grow(b, part, masters, advoware.RedisConfig{URL: secret.New(url)}, tenants, processes)
				var busiest, all int64
				for _, m := range masters {
					commands := loadOf(m).commands
					busiest, all = max(busiest, commands), all+commands
				}
				b.ReportMetric(float64(busiest)/float64(all), "busiest-share")
				part.end()
			}
		})
	}
}

func redisURL(s *redistest.Server) secret.String { return secret.New("redis://" + s.Addr()) }

func grow(b *testing.B, part *scope, servers serversOf, redis advoware.RedisConfig, tenants, processes int) {
	before := liveHeap()
	leader := openTenants(part, redis, tenants)
	leader.each(func(c *client.Client) error { _, err := c.Source().Token(b.Context(), 0); return err })
	b.ReportMetric(float64(liveHeap()-before)/float64(tenants), "B/tenant")
	b.ReportMetric(leader.hits(pick(2_000_000, 1000)), "hit-ns")

	all := []*tenantry{leader}
	for range processes - 1 {
		follower := openTenants(part, redis, tenants)
		follower.each(func(c *client.Client) error { _, err := c.Source().Token(b.Context(), 0); return err })
		if n := follower.requests.Load(); n > 0 {
			b.Errorf("a process that follows made %d token requests", n)
		}
		all = append(all, follower)
	}

	servers.settle(all)
	idle := pick(5*time.Second, 10*time.Millisecond)
	did, cpu := servers.load(), cpuTime()
	<-time.After(idle)
	b.ReportMetric(float64(servers.load().commands-did.commands)/idle.Seconds(), "redis-commands/s")
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/idle.Seconds(), "cpu-us/s")

	did, cpu = servers.load(), cpuTime()
	leader.each(func(c *client.Client) error { _, err := c.Source().Refresh(b.Context()); return err })
	for i := range leader.clients {
		want := must(leader.clients[i].Source().Token(b.Context(), 0))
		for _, other := range all[1:] {
			for !must(other.clients[i].Source().Token(b.Context(), 0)).Equal(want) {
				<-time.After(time.Millisecond)
			}
		}
	}
	used := servers.load()
	n := float64(tenants)
	b.ReportMetric(float64(used.commands-did.commands)/n, "redis-commands/renewal")
	b.ReportMetric(float64((used.cpu-did.cpu).Microseconds())/n, "redis-cpu-us/renewal")
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/n, "cpu-us/renewal")
	if n := leader.requests.Load(); n != int64(2*tenants) {
		b.Errorf("%d token requests for %d tenants, each with a first one and a renewal", n, tenants)
	}
}

// tenantry is a process that serves many Kanzleien.
type tenantry struct {
	tb       testing.TB
	clients  []*client.Client
	requests atomic.Int64
}

// RoundTrip is the gateway: each token is another one.
func (t *tenantry) RoundTrip(req *http.Request) (*http.Response, error) {
	text := fmt.Sprintf("%s%020d", tokenText[20:], t.requests.Add(1))
	return issuer{fmt.Sprintf(tokenAnswer, text)}.RoundTrip(req)
}

func openTenants(tb testing.TB, redis advoware.RedisConfig, tenants int) *tenantry {
	t := &tenantry{tb: tb}
	cfg := advoware.Config{
		BaseURL: stubURL, TokenURL: "http://127.0.0.1/api/v1/Token", GatewayTransport: t, Transport: stub{}, Discovery: advoware.DiscoveryOff,
		App: signMessage.App, Key: must(signer.ParseKey(signKey)), Database: "Datenbank", User: "api", Password: secret.New("password"),
		Redis: redis, Logger: slog.New(slog.DiscardHandler),
	}
	stores := must(advoware.OpenStores(cfg))
	tb.Cleanup(func() { _ = stores.Close() })
	cfg.Shared = stores
	for i := range tenants {
		cfg.Kanzlei, cfg.TokenKey = fmt.Sprint("Kanzlei ", i), fmt.Sprintf("kanzlei_%d_access_token", i)
		c := must(advoware.New(cfg))
		tb.Cleanup(func() { _ = c.Close() })
		t.clients = append(t.clients, c)
	}
	return t
}

// each calls f for each client, some at a time as renewals come that are spread over time.
func (t *tenantry) each(f func(*client.Client) error) {
	t.tb.Helper()
	var g errgroup.Group
	g.SetLimit(8)
	for _, c := range t.clients {
		g.Go(func() error { return f(c) })
	}
	if err := g.Wait(); err != nil {
		t.tb.Fatal(err)
	}
}

// hits returns the time of a hit of any tenant, in ns.
func (t *tenantry) hits(n int) float64 {
	order := rand.New(rand.NewPCG(1, 2)).Perm(max(len(t.clients), 1<<16))
	sources, ctx := t.clients, context.Background()
	began := time.Now()
	for i := range n {
		if _, err := sources[order[i%len(order)]%len(sources)].Source().Token(ctx, 0); err != nil {
			t.tb.Fatal(err)
		}
	}
	took := time.Since(began)
	runtime.KeepAlive(order)
	return float64(took.Nanoseconds()) / float64(n)
}

// serverLoad is what a server has done so far.
type serverLoad struct {
	commands int64
	cpu      time.Duration
}

// serversOf are the masters that have the keys.
type serversOf []*redistest.Server

func (s serversOf) load() (all serverLoad) {
	for _, one := range s {
		l := loadOf(one)
		all.commands, all.cpu = all.commands+l.commands, all.cpu+l.cpu
	}
	return all
}

// settle waits until the processes have nothing left to do of what was asked: after the first look at
// a token there is another one, seconds later.
func (s serversOf) settle(processes []*tenantry) {
	for range pick(60, 0) {
		did := s.load().commands
		<-time.After(time.Second)
		if more := s.load().commands - did; more <= int64(3*len(s)*len(processes)) {
			return
		}
	}
}

// loadOf asks a server; its own questions are not counted.
func loadOf(s *redistest.Server) (l serverLoad) {
	for line := range strings.Lines(fmt.Sprint(s.Do("INFO", "everything"))) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case name == "used_cpu_sys", name == "used_cpu_user":
			l.cpu += time.Duration(must(strconv.ParseFloat(value, 64)) * float64(time.Second))
		case strings.HasPrefix(name, "cmdstat_") && name != "cmdstat_info" && name != "cmdstat_hello" && !strings.HasPrefix(name, "cmdstat_client"):
			calls, _, _ := strings.Cut(strings.TrimPrefix(value, "calls="), ",")
			l.commands += must(strconv.ParseInt(calls, 10, 64))
		}
	}
	return l
}
