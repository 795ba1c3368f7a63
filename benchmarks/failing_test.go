package benchmarks

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// BenchmarkFailing is a gateway that refuses to work: 50 callers who ask again and
// again. One operation is all their calls, each of which must get an error. clients=50 are as many
// clients of one identity on the same stores, as a program has them that makes one for each job.
func BenchmarkFailing(b *testing.B) {
	const callers, latency = 50, time.Millisecond
	calls := pick(20, 2)
	for _, s := range subjects() {
		b.Run("store="+s.name, func(b *testing.B) {
			defer tellSkip(b)
			var requests, rounds int64
			for b.Loop() {
				b.StopTimer()
				round, gw := &scope{TB: b}, &gateway{latency: latency, down: true}
				get := s.open(round, gw)
				b.StartTimer()
				fail(b, callers, calls, get)
				b.StopTimer()
				requests += gw.requests.Load()
				rounds++
				round.end()
				b.StartTimer()
			}
			b.ReportMetric(float64(requests)/float64(rounds), "requests/op")
			b.ReportMetric(float64(callers*calls), "calls/op")
		})
	}
	b.Run("clients=50", failClients)
}

func fail(tb testing.TB, callers, calls int, get getter) {
	ctx := tb.Context()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range calls {
				if _, err := get(ctx); err == nil {
					tb.Error("a token from a gateway that is down")
				}
			}
		})
	}
	all.Wait()
}

func failClients(b *testing.B) {
	const callers = 50
	calls := pick(20, 2)
	var requests, rounds int64
	for b.Loop() {
		b.StopTimer()
		round := &scope{TB: b}
		cfg, fake := advowaretest.Config(round, clienttest.Options{})
		cfg.Logger = quiet()
		cfg.Shared = must(advoware.OpenStores(cfg))
		round.Cleanup(func() { _ = cfg.Shared.Close() })
		fake.Inject(clienttest.Fault{Times: -1, Status: http.StatusServiceUnavailable})
		var clients [callers]*client.Client
		for i := range clients {
			clients[i] = must(advoware.New(cfg))
			round.Cleanup(func() { _ = clients[i].Close() })
		}
		var turn atomic.Int64
		b.StartTimer()
		fail(b, callers, calls, func(ctx context.Context) (string, error) {
			tok, err := clients[turn.Add(1)%callers].Source().Token(ctx, 0)
			return tok.Reveal(), err
		})
		b.StopTimer()
		requests += int64(fake.Counts().TokenRequests)
		rounds++
		round.end()
		b.StartTimer()
	}
	b.ReportMetric(float64(requests)/float64(rounds), "requests/op")
	b.ReportMetric(float64(callers*calls), "calls/op")
}
