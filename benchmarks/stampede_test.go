package benchmarks

import (
	"context"
	"sync"
	"testing"
	"time"
)

// BenchmarkStampede is a cold start in one process: 10,000 goroutines at once, a
// token request of 50 ms. One operation is a round, with everything anew, from the
// first goroutine to the last answer. over-ms is what that takes longer than the
// request; store=channel is the floor, the closing of a channel.
func BenchmarkStampede(b *testing.B) {
	const goroutines, latency = 10_000, 50 * time.Millisecond
	channel := subject{name: "channel", open: openChannel}
	for _, s := range append(subjects(), channel) {
		b.Run("store="+s.name, func(b *testing.B) {
			defer tellSkip(b)
			var over time.Duration
			var requests, rounds int64
			for b.Loop() {
				b.StopTimer()
				round, gw := &scope{TB: b}, &gateway{latency: latency}
				get := s.open(round, gw)
				b.StartTimer()
				over += stampede(b, goroutines, get) - latency
				b.StopTimer()
				requests += gw.requests.Load()
				rounds++
				round.end()
				b.StartTimer()
			}
			b.ReportMetric(ms(over)/float64(rounds), "over-ms")
			b.ReportMetric(float64(requests)/float64(rounds), "requests/round")
		})
	}
}

// stampede returns how long it takes until so many have their token.
func stampede(tb testing.TB, goroutines int, get getter) time.Duration {
	ctx := tb.Context()
	var all sync.WaitGroup
	began := time.Now()
	for range goroutines {
		all.Go(func() {
			if text, err := get(ctx); err != nil || text == "" {
				tb.Errorf("got %q, %v", text, err)
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// openChannel is the floor for everybody whose callers wait.
func openChannel(_ testing.TB, gw *gateway) getter {
	var first sync.Once
	ready := make(chan struct{})
	return func(ctx context.Context) (string, error) {
		first.Do(func() {
			go func() {
				defer close(ready)
				_, _ = gw.issue(ctx)
			}()
		})
		<-ready
		return tokenText, nil
	}
}
