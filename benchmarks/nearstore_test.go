package benchmarks

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
)

// BenchmarkNewIdentity is the first token of an identity that has none, in a store that is
// full. ns/op is what its caller waits, which is not all that it costs: otter and ristretto do
// the rest on goroutines of their own.
func BenchmarkNewIdentity(b *testing.B) {
	const capacity = 10_000
	keys := newPopulation(pick(200_000, 20_000)).keys
	for _, s := range keyedSubjects {
		if s.name != "memory" && s.name != "otter" && s.name != "ristretto" {
			continue
		}
		b.Run(fmt.Sprintf("store=%s/capacity=%d", s.name, capacity), func(b *testing.B) {
			get := s.open(b, new(gateway), capacity)
			ask(b, get, keys)
			stop := measure(b)
			for i := 0; b.Loop(); i++ {
				_ = must(get(b.Context(), keys[i%len(keys)]))
			}
			stop()
		})
	}
}

// BenchmarkMassExpiry is how long a writer waits for its turn while 100,000 tokens end
// together. floor-p99.9-ns and floor-max-us are of its writes, in turn with those, to another
// store, where nothing ends: they wait for the scheduler and nothing else. batch-us is how long
// the lock is held for one batch of tokens that end, by the work that it is: as many deletions.
// ns/op means nothing.
func BenchmarkMassExpiry(b *testing.B) {
	n := pick(100_000, 2000)
	b.Run(fmt.Sprintf("store=memory/identities=%d", n), func(b *testing.B) {
		keys := newPopulation(n).keys
		var waits, floor, batches []time.Duration
		for b.Loop() {
			batches = append(batches, removals(b, keys)...)
			s, calm := must(memory.New(memory.Config{Capacity: n + 1})), must(memory.New(memory.Config{Capacity: n + 1}))
			ends := time.Now().Add(pick(2*time.Second, 200*time.Millisecond)) // longer than it takes to fill the store
			for _, key := range keys {
				_, _ = s.CompareAndSwap(b.Context(), key, store.Token{}, must(store.NewToken(tokenText, time.Time{}, ends)))
			}
			busy := [2]store.Token{}
			for i := range busy {
				busy[i] = must(store.NewToken(fmt.Sprint("busy", i), time.Time{}, time.Now().Add(time.Hour)))
			}
			for _, s := range []*memory.Store{s, calm} {
				_ = must(s.CompareAndSwap(b.Context(), "busy", store.Token{}, busy[0]))
			}
			<-time.After(time.Until(ends) - 5*time.Millisecond)
			for i := 0; s.Stats().Tokens > 1; i++ {
				write := func(s *memory.Store) time.Duration {
					before := time.Now()
					_ = must(s.CompareAndSwap(b.Context(), "busy", busy[i%2], busy[(i+1)%2]))
					return time.Since(before)
				}
				waits, floor = append(waits, write(s)), append(floor, write(calm))
			}
			_, _ = s.Close(), calm.Close()
		}
		for _, sorted := range [][]time.Duration{waits, floor, batches} {
			slices.Sort(sorted)
		}
		b.ReportMetric(float64(quantile(waits, 0.5).Nanoseconds()), "p50-ns")
		b.ReportMetric(float64(quantile(waits, 0.999).Nanoseconds()), "p99.9-ns")
		b.ReportMetric(us(quantile(waits, 1)), "max-us")
		b.ReportMetric(float64(quantile(floor, 0.999).Nanoseconds()), "floor-p99.9-ns")
		b.ReportMetric(us(quantile(floor, 1)), "floor-max-us")
		b.ReportMetric(us(quantile(batches, 0.5)), "batch-us")
		b.ReportMetric(us(quantile(batches, 0.99)), "batch-p99-us")
	})
}

// removals returns how long each batch of deletions takes, until a full store is empty.
func removals(tb testing.TB, keys []string) (took []time.Duration) {
	const batch = 64 // as many as expire before a writer has its turn
	s := must(memory.New(memory.Config{Capacity: len(keys)}))
	defer s.Close()
	tok := must(store.NewToken(tokenText, time.Time{}, time.Now().Add(time.Hour)))
	for _, key := range keys {
		_ = must(s.CompareAndSwap(tb.Context(), key, store.Token{}, tok))
	}
	for part := range slices.Chunk(keys, batch) {
		before := time.Now()
		for _, key := range part {
			if err := s.CompareAndDelete(tb.Context(), key, tok); err != nil {
				tb.Fatal(err)
			}
		}
		took = append(took, time.Since(before))
	}
	return took
}
