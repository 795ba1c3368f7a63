package benchmarks

import (
	"sync"
	"testing"
	"time"
)

// BenchmarkFailing is a gateway that refuses to work: 50 callers who ask again and
// again. One operation is all their calls, each of which must get an error.
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
