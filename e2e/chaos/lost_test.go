package chaos_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/e2e/chaos"
	"github.com/advoware-go/advoware/internal/faultproxy"
	"github.com/advoware-go/advoware/internal/redistest"
)

// lossWorld is a world whose Redis is started with args.
func lossWorld(t *testing.T, args ...string) *world {
	t.Helper()
	return (&world{t: t, redis: redistest.Start(t, args...)}).serve(clienttest.Options{TokenLatency: 100 * time.Millisecond})
}

// wantNoRequests checks that nobody asked the gateway for a token since.
func (w *world) wantNoRequests(since int, what string) {
	w.t.Helper()
	if n := w.requests() - since; n != 0 {
		w.t.Errorf("%s: %d token requests, want none", what, n)
	}
}

// kept adds a row about a token that Redis lost, or that was deleted, to the tables.
func kept(t *testing.T, what string, reports []chaos.Report, requests int) {
	t.Helper()
	row := fmt.Sprintf("%s\t%d\t%d\t%s", what, sum(reports).Calls, requests, short(sum(reports).Slowest))
	figures.add("A token that Redis loses, or that is deleted", "what\tcalls\ttoken requests\tslowest call", row)
	t.Log(row)
}

// A Redis that evicts keys under load costs no token request: the fleet keeps the token,
// and writes it back.
func TestEvictionUnderLoadCostsNoTokenRequest(t *testing.T) {
	// In the short form Redis is full after half a second, and evicts its 6 MB anew with each
	// second that follows. Writing without a pause takes a core for each policy.
	pause := 2 * time.Millisecond
	if long > 0 {
		pause = 0
	}
	for _, policy := range []string{"allkeys-lru", "allkeys-random", "volatile-ttl"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			w := lossWorld(t, "--maxmemory", "6mb", "--maxmemory-policy", policy)
			f := w.fleet(4, w.env(), "-goroutines", "2", "-pause", "50ms")
			f.start()
			f.calls(10)
			stood, before := w.stored(), w.requests()
			f.ask()          // what comes from here on counts
			w.trace.move("") // nothing tells when what is evicted, and all that is written would be sent twice
			c := w.redis.Dial()
			gone, end := 0, time.Now().Add(8*time.Second)
			for i := 0; time.Now().Before(end) || gone == 0 && time.Now().Before(end.Add(patience)); i++ {
				if reply, err := c.Do("SET", fmt.Sprintf("other:%d", i), strings.Repeat("x", 20_000), "EX", "100000"); err != nil || reply != "OK" {
					t.Fatal(reply, err)
				}
				if n, _ := c.Do("EXISTS", tokenKey); n == int64(0) {
					gone++
				}
				<-time.After(pause)
			}
			t.Logf("%d times it was found evicted", gone)
			if gone == 0 {
				t.Fatal("the token was never evicted: this shows nothing")
			}
			back := within(patience, func() bool { return w.stored() == stood })
			reports := f.ask()
			wantGood(t, reports)
			// Where a process did without Redis, it may have a token of its own, which is written.
			if calm := w.wantMore(before, 0, reports); calm && !back {
				t.Errorf("Redis has %q afterwards, want %s", w.stored(), stood)
			}
			kept(t, "evicted under load, "+policy, reports, w.requests()-before)
			before = w.requests()
			w.redis.Do("CONFIG", "SET", "maxmemory", "0")
			w.trace.move(w.redis.Addr())
			w.redis.Do("PEXPIRE", tokenKey, "3000000") // a push: all look, and see that nothing is evicted any more
			since := f.calls(50)
			if !within(patience, func() bool { stood = w.stored(); return stood != "" }) {
				t.Fatal("Redis has no token while nothing is evicted")
			}
			w.redis.Do("DEL", tokenKey)
			now := w.another(stood)
			turned := within(patience, func() bool { return f.use(now) })
			if calm := w.wantMore(before, 1, append(since, f.ask()...)); calm && !turned {
				t.Errorf("not all use %s after a DEL", now)
			}
			wantGood(t, f.end())
		})
	}
}

// A deletion stays one although the connections of one process are cut each second.
func TestDeletionIsNotUndoneByAProcessThatIsCutOff(t *testing.T) {
	t.Parallel()
	fleets := 2
	if long >= minutes {
		fleets = 10
	}
	for range fleets { // each is believed three deletions a minute
		deletionIsNotUndone(t, 3)
	}
}

func deletionIsNotUndone(t *testing.T, rounds int) {
	t.Helper()
	w := lossWorld(t)
	px, err := faultproxy.Start(w.redis.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer px.Close()
	host, port, _ := net.SplitHostPort(px.Addr())
	load := []string{"-goroutines", "2", "-pause", "20ms"}
	f := append(w.fleet(3, w.env(), load...), w.fleet(1, w.env("REDIS_HOST="+host, "REDIS_PORT="+port), load...)...)
	f.start()
	f.calls(10)

	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(time.Second); ; {
			select {
			case <-tick.C:
				_ = px.Set(faultproxy.Fault{Refuse: true})
				_ = px.Set(faultproxy.Fault{})
			case <-stop:
				return
			}
		}
	}()
	dead, began := make(map[string]bool), w.requests()
	whole := f[:3] // which are not cut off
	f.ask()
	for i := range rounds {
		old := w.stored()
		dead[old] = true
		within(time.Duration(i%5)*200*time.Millisecond, func() bool { return false }) // at any moment of the second
		before := w.requests()
		w.redis.Do("DEL", tokenKey)
		next := w.another(old)
		if dead[next] {
			t.Errorf("round %d: %s is back", i, next)
		}
		// That, or a newer one that the process which was cut off just then has fetched alone.
		turned := within(patience, func() bool { next = w.stored(); return f.use(next) })
		if within(1500*time.Millisecond, func() bool { return dead[w.stored()] }) {
			t.Errorf("round %d: %s is back", i, w.stored())
		}
		late := int(sum(whole.ask()).StoreErrors) // see wantMore
		if n := w.requests() - before; n < 1 || n > 2+late {
			t.Errorf("round %d: %d token requests; %d times a process did without Redis", i, n, late)
		}
		if !turned && late == 0 {
			t.Errorf("round %d: not all use %s", i, next)
		}
	}
	close(stop)
	<-stopped
	reports := f.end()
	wantGood(t, reports)
	kept(t, fmt.Sprintf("DEL %d times, one process cut off each second", rounds), reports, w.requests()-began)
}

// A Redis that is restarted from a backup has an older token: the newer one stands, and is
// written back.
func TestRestoredBackupDoesNotBringAnOlderTokenBack(t *testing.T) {
	t.Parallel()
	w := lossWorld(t, "--dir", t.TempDir(), "--dbfilename", "dump.rdb")
	f := w.fleet(4, w.env(), "-goroutines", "2", "-pause", "20ms")
	f.start()
	f.calls(10)
	older := w.stored()
	if got := w.redis.Do("SAVE"); got != "OK" {
		t.Fatal(got)
	}
	w.redis.Do("DEL", tokenKey) // so that another one is fetched
	newer := w.another(older)
	f.turn(patience, newer, time.Now())
	late := w.fleet(2, w.env(), "-goroutines", "2", "-pause", "20ms") // these have never seen the older one
	late.start()
	late.calls(10)
	before := w.requests()
	f.ask()
	w.redis.Kill()
	w.redis.Restart()
	if !within(patience, func() bool { return w.stored() == newer }) {
		t.Fatalf("Redis has %q, want %s written back", w.stored(), newer)
	}
	f.calls(10)
	late.calls(10)
	if got := w.stored(); got != newer {
		t.Errorf("Redis has %s, want %s", got, newer)
	}
	w.wantNoRequests(before, "the restart")
	for _, p := range late {
		if used := p.tokens(); len(used) != 1 || used[0] != newer {
			t.Errorf("%s used %q, want just %s", p.name, used, newer)
		}
	}
	reports := append(f.end(), late.end()...)
	wantGood(t, reports)
	kept(t, "an older backup is restored", reports, w.requests()-before)
}
