package benchmarks

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

// BenchmarkTenants is a process with many identities on one set of stores, when all of them
// want something of Redis at once: event=start is the first call of each, together of them at a
// time; event=flush is FLUSHALL; event=lost is FLUSHALL just after the connection that changes
// are pushed on has been cut. Redis is rtt away.
//
// back-s is the time until Redis has all tokens, floor-s what a plain client takes, right after
// that, to read and to write as many keys with the same commands in pipelines, outages how often the healthy server was
// reported to be down, goroutines-max how many there were at most beside the callers' own, and
// requests what the gateway was asked for in vain. ns/op means nothing.
func BenchmarkTenants(b *testing.B) {
	for _, n := range pick([]int{3000, 20_000}, []int{200}) {
		for _, rtt := range pick([]time.Duration{0, time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond}, []time.Duration{time.Millisecond}) {
			for _, event := range []string{"start", "flush", "lost"} {
				b.Run(fmt.Sprintf("event=%s/tenants=%d/rtt=%s", event, n, rtt), func(b *testing.B) {
					defer tellSkip(b)
					var back, floor, goroutines, outages, requests float64
					for b.Loop() {
						part := &scope{TB: b}
						t := openIdentities(part, n, rtt)
						if event != "start" {
							t.start()
							t.wait()
						}
						before, asked := t.outages.Load(), t.gw.requests.Load()
						peak := peakOfGoroutines()
						began := time.Now()
						switch event {
						case "start":
							asked += int64(n)
							t.start()
						case "lost":
							t.cut()
							fallthrough
						case "flush":
							t.server.Do("FLUSHALL")
						}
						t.wait()
						back = max(back, time.Since(began).Seconds())
						<-time.After(pick(time.Second, 0)) // what comes late counts too
						goroutines = max(goroutines, float64(peak()))
						outages += float64(t.outages.Load() - before)
						requests += float64(t.gw.requests.Load() - asked)
						floor = max(floor, t.floor().Seconds())
						part.end()
					}
					b.ReportMetric(back, "back-s")
					b.ReportMetric(floor, "floor-s")
					b.ReportMetric(goroutines, "goroutines-max")
					b.ReportMetric(outages/float64(b.N), "outages")
					b.ReportMetric(requests/float64(b.N), "requests")
				})
			}
		}
	}
}

// together is how many first calls there are at a time.
const together = 256

// tenants are the Sources of many identities, wired as the door does.
type tenants struct {
	tb      testing.TB
	gw      gateway
	server  *redistest.Server
	relay   *redistest.Relay
	conn    *redistest.Conn
	keys    []string
	sources []*token.Source
	outages atomic.Int64
}

func openIdentities(tb testing.TB, n int, rtt time.Duration) *tenants {
	t := &tenants{tb: tb, server: redistest.Start(tb)}
	t.relay = redistest.StartRelay(tb, t.server.Addr())
	t.relay.Trip(rtt)
	t.conn = t.server.Dial()
	_, _ = t.conn.Do("SELECT", fmt.Sprint(redisstore.DefaultDB))
	rdb := goredis.NewClient(redisstore.Options(t.relay.Addr()))
	tb.Cleanup(func() { _ = rdb.Close() })
	must(rdb.Ping(tb.Context()).Result()) // the door connects, too
	raw := must(redisstore.New(redisstore.Config{Client: rdb, ClientHonoursDeadlines: true, Logger: quiet()}))
	tb.Cleanup(func() { _ = raw.Close() })
	pushes := must(watch.New(watch.Config{Client: rdb, Logger: quiet()}))
	tb.Cleanup(func() { _ = pushes.Close() })
	held := must(redisstore.NewLease(redisstore.LeaseConfig{Store: raw, Watch: pushes}))
	tb.Cleanup(func() { _ = held.Close() })
	near := must(memory.New(memory.Config{}))
	tb.Cleanup(func() { _ = near.Close() })
	both := must(tiered.New(tiered.Config{
		Near: near, Far: raw, Shared: raw, Many: raw, Lease: held, Watch: pushes, Logger: quiet(),
		Hooks: tiered.Hooks{FarDown: func(err error) {
			t.outages.Add(1)
			tb.Logf("reported down: %v", err)
		}},
	}))
	tb.Cleanup(func() { _ = both.Close() })
	for i := range n {
		key := fmt.Sprintf("advoware_access_token_%06d", i)
		t.keys = append(t.keys, key)
		t.sources = append(t.sources, must(token.New(token.Config{Store: both, Tiers: both.Tiers(), Key: key, Fetch: t.gw.fetch, Logger: quiet()})))
	}
	tb.Cleanup(func() {
		for _, s := range t.sources {
			s.Close()
		}
	})
	return t
}

// start makes the first call of each.
func (t *tenants) start() {
	next := make(chan *token.Source)
	var all sync.WaitGroup
	for range together {
		all.Go(func() {
			for s := range next {
				if _, err := s.Token(context.Background(), 0); err != nil {
					t.tb.Error(err)
				}
			}
		})
	}
	for _, s := range t.sources {
		next <- s
	}
	close(next)
	all.Wait()
}

// wait waits until Redis has all tokens. It asks for a few of them at a time, and goes on to
// the next ones when those are there: to ask for all each time would keep both sides busy.
func (t *tenants) wait() {
	end := time.Now().Add(30 * time.Second)
	done := 0
	for some := range slices.Chunk(t.keys, 100) {
		for ; ; <-time.After(10 * time.Millisecond) {
			n, err := t.conn.Do(append([]string{"EXISTS"}, some...)...)
			if err != nil {
				t.tb.Fatal(err)
			}
			if n == int64(len(some)) {
				break
			}
			if time.Now().After(end) {
				t.tb.Logf("after half a minute Redis has the first %d of %d tokens, and %v of the next %d", done, len(t.keys), n, len(some))
				return
			}
		}
		done += len(some)
	}
}

// floor returns how long a plain client takes to read all keys and to write them, with the
// commands that a look and a write are made of, in pipelines of as many keys as fit, four at a
// time. It has its connections already.
func (t *tenants) floor() time.Duration {
	const keys, exchanges, patience = 1000, 4, time.Minute
	o := redisstore.Options(t.relay.Addr())
	o.ReadTimeout, o.WriteTimeout, o.MinIdleConns = patience, patience, exchanges
	rdb := goredis.NewClient(o)
	defer func() { _ = rdb.Close() }()
	for deadline := time.Now().Add(patience); rdb.PoolStats().IdleConns < exchanges && time.Now().Before(deadline); {
		<-time.After(time.Millisecond)
	}
	ctx, batches := context.Background(), make(chan []string, len(t.keys)/keys+1)
	for some := range slices.Chunk(t.keys, keys) {
		batches <- some
	}
	close(batches)
	all := func(some []string, commands func(p goredis.Pipeliner, key string)) {
		pipe := rdb.Pipeline()
		for _, key := range some {
			commands(pipe, "floor_"+key)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			t.tb.Error(err)
		}
	}
	var working sync.WaitGroup
	began := time.Now()
	for range exchanges {
		working.Go(func() {
			for some := range batches {
				all(some, func(p goredis.Pipeliner, key string) {
					p.GetRange(ctx, key, 0, -1)
					p.PTTL(ctx, key)
					p.HMGet(ctx, key+":meta", "token", "identity", "shift_ms", "issued_ms")
					p.GetRange(ctx, key+":stamp", 0, -1)
					p.PTTL(ctx, key+":stamp")
					p.GetRange(ctx, key+":gone", 0, 0)
					p.GetRange(ctx, key, 0, -1)
				})
				all(some, func(p goredis.Pipeliner, key string) {
					p.Set(ctx, key, tokenText, time.Hour)
					p.Del(ctx, key+":meta", key+":gone")
					p.HSet(ctx, key+":meta", "token", "t", "identity", "i", "shift_ms", 1, "issued_ms", 1)
					p.PExpire(ctx, key+":meta", time.Hour)
					p.Set(ctx, key+":stamp", "2026-01-01T00:00:00", time.Hour)
				})
			}
		})
	}
	working.Wait()
	return time.Since(began)
}

// cut ends the connection over which the server pushes.
func (t *tenants) cut() {
	list, _ := t.server.Do("CLIENT", "LIST").(string)
	for line := range strings.Lines(list) {
		fields := make(map[string]string)
		for field := range strings.FieldsSeq(line) {
			name, value, _ := strings.Cut(field, "=")
			fields[name] = value
		}
		if strings.Contains(fields["flags"], "t") || strings.Contains(fields["flags"], "B") {
			t.server.Do("CLIENT", "KILL", "ID", fields["id"])
		}
	}
}

// peakOfGoroutines returns how many goroutines there are more at most, until it is called.
func peakOfGoroutines() func() int {
	before, most := runtime.NumGoroutine(), 0
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			most = max(most, runtime.NumGoroutine()-before)
			select {
			case <-time.After(time.Millisecond):
			case <-over:
				return
			}
		}
	}()
	return func() int { close(over); <-done; return most }
}
