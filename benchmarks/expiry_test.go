package benchmarks

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkExpiry is the tail of latency over the end of a token: a token request
// takes 1 s, 50 callers ask every 2 ms. One operation is a run over two ends; its
// time means nothing. held-up counts the calls that waited for half a token request
// or longer, ended those that got a token which had ended before they were made.
// p99.9 and max are of all calls that were planned: for one that takes longer than
// 2 ms, those count that should have been made meanwhile. store=pointer-load is the
// floor: nobody looks whether the token has ended.
//
// Those who ask Redis for each call have interval=20ms, a tenth of the calls: 25,000 a
// second are more than one Redis and two cores can do. So a tenth as many can be held up
// there; p99.9 and max are of calls that are planned every 20 ms. store=redis suffers
// from the short lives: it renews in the last part of a token's time in Redis, which is
// less than a token request here, and minutes with a life of 55.
func BenchmarkExpiry(b *testing.B) {
	for _, s := range append(subjects(), floors[0]) {
		name, interval := "store="+s.name, 2*time.Millisecond
		if s.asks {
			interval *= 10
			name += fmt.Sprintf("/interval=%v", interval)
		}
		b.Run(name, func(b *testing.B) {
			defer tellSkip(b)
			var all tail
			runs := 0
			for b.Loop() {
				b.StopTimer()
				run, gw := &scope{TB: b}, shortLived()
				get := s.open(run, gw)
				_ = must(get(b.Context()))
				b.StartTimer()
				all.add(overExpiry(b, gw, get, interval))
				b.StopTimer()
				all.requests += gw.requests.Load()
				runs++
				run.end()
				b.StartTimer()
			}
			all.report(b, float64(runs))
		})
	}
}

func shortLived() *gateway {
	if brief() {
		return &gateway{latency: 50 * time.Millisecond, life: 250 * time.Millisecond, ahead: 100 * time.Millisecond}
	}
	return &gateway{latency: time.Second, life: 4 * time.Second, ahead: 1500 * time.Millisecond}
}

// tail is what became of many calls.
type tail struct {
	took          []time.Duration // by each planned call
	heldUp, ended int
	requests      int64
}

func (t *tail) add(u tail) {
	t.took = append(t.took, u.took...)
	t.heldUp += u.heldUp
	t.ended += u.ended
}

func (t *tail) report(b *testing.B, runs float64) {
	slices.Sort(t.took)
	b.ReportMetric(float64(t.heldUp)/runs, "held-up")
	b.ReportMetric(float64(t.ended)/runs, "ended")
	b.ReportMetric(float64(t.requests)/runs, "requests")
	b.ReportMetric(us(quantile(t.took, 0.999)), "p99.9-us")
	b.ReportMetric(us(quantile(t.took, 1)), "max-us")
}

// overExpiry calls for two lives of a token.
func overExpiry(tb testing.TB, gw *gateway, get getter, interval time.Duration) (all tail) {
	const callers = 50
	ctx, deadline := tb.Context(), time.Now().Add(2*gw.life)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			mine := tail{took: make([]time.Duration, 0, 2*gw.life/interval+16)}
			tick := time.NewTicker(interval)
			defer tick.Stop()
			for now := time.Now(); now.Before(deadline); now = <-tick.C {
				began := time.Now()
				text, err := get(ctx)
				d := time.Since(began)
				switch {
				case err != nil:
					tb.Error(err)
				case gw.ended(text, began):
					mine.ended++
				}
				if d > gw.latency/2 {
					mine.heldUp++
				}
				for ; d > 0; d -= interval {
					mine.took = append(mine.took, d)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all.add(mine)
		})
	}
	wg.Wait()
	return all
}

// quantile returns a quantile of sorted durations, 0 if there are none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
