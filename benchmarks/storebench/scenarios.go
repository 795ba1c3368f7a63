package storebench

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/store"
)

// stampede is a cold start: many callers at once of a token.Source on the store, and no token.
// One operation is a round. over-ms is how much longer than the token request it takes until
// all of them have theirs, and requests/op is 1 if they share it.
func stampede(b *testing.B, c Config, open func(testing.TB) store.Store) {
	s := open(b)
	requests := new(atomic.Int64)
	var over time.Duration
	for b.Loop() {
		over += coldStart(b, s, c, requests) - c.FetchLatency
	}
	rounds := float64(b.N)
	b.ReportMetric(over.Seconds()*1000/rounds, "over-ms")
	b.ReportMetric(float64(requests.Load())/rounds, "requests/op")
}

// coldStart returns how long it takes until all callers have their token.
func coldStart(b *testing.B, s store.Store, c Config, requests *atomic.Int64) time.Duration {
	src := source(b, s, c.FetchLatency, store.DefaultLifetime, store.Margins{}.WithDefaults(), requests)
	defer src.Close()
	var all sync.WaitGroup
	began := time.Now()
	for range c.Callers {
		all.Go(func() {
			if tok, err := src.Token(b.Context(), 0); err != nil || tok.IsZero() {
				b.Errorf("a caller of a cold store: %v", err)
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// rate is how many calls a second are due while tokens end.
const rate = 500

// expiry is a load that does not wait for late answers, over two lives of a token that is
// replaced while it is in use. The latencies are from the instant a call was due; held-up are
// the calls that took half as long as a token request, or longer.
func expiry(b *testing.B, c Config, open func(testing.TB) store.Store) {
	latency, requests := load.NewHistogram(), new(atomic.Int64)
	failed, rounds := 0, 0
	for b.Loop() {
		found := overExpiry(b, open(b), c, requests)
		latency.Merge(found.Latency)
		failed += found.Failed
		rounds++
	}
	us := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	b.ReportMetric(us(latency.At(.5)), "p50-us")
	b.ReportMetric(us(latency.At(.99)), "p99-us")
	b.ReportMetric(us(latency.At(.999)), "p99.9-us")
	b.ReportMetric(us(latency.Max()), "max-us")
	b.ReportMetric(float64(latency.Above(c.FetchLatency/2))/float64(rounds), "held-up/op")
	b.ReportMetric(float64(failed)/float64(rounds), "failed/op")
	b.ReportMetric(float64(requests.Load())/float64(rounds), "requests/op")
}

// overExpiry makes the calls of one round.
func overExpiry(b *testing.B, s store.Store, c Config, requests *atomic.Int64) *load.Result {
	src := source(b, s, c.FetchLatency, c.Lifetime, store.Margins{Guard: c.Lifetime / 100, Margin: c.Lifetime / 20}, requests)
	defer src.Close()
	if _, err := src.Token(b.Context(), 0); err != nil {
		b.Fatalf("the first token: %v", err)
	}
	found, err := load.Run(b.Context(), load.Config{
		Rate: rate, Duration: 2 * c.Lifetime, Workers: 32,
		Call: func(ctx context.Context) error { _, err := src.Token(ctx, 0); return err },
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range found.Problems {
		b.Errorf("%d calls: %s", p.Count, p.Text)
	}
	return found
}
