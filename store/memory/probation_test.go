package memory_test

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

// A new key in a full store waits for no other goroutine while it has the writers' lock: on a
// busy core that would be as long as the others run. Fails with a Wait for ristretto in push:
// then its goroutine and that of the writer take turns.
func TestNewKeysWaitForNobody(t *testing.T) {
	const capacity, others = 1000, 8000
	s := open(t, capacity)
	tok := token("tok", time.Hour)
	for i := range 2 * capacity { // until it is full, and has opened what it opens then
		swap(t, s, fmt.Sprint("key", i), none, tok, tok)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	before := turns()
	for i := range others {
		swap(t, s, fmt.Sprint("other", i), none, tok, tok)
	}
	if got := turns() - before; got > others/2 {
		t.Errorf("goroutines had about %d turns during %d writes", got, others)
	}
	if n := s.Stats().Tokens; n != capacity {
		t.Errorf("%d tokens, want %d", n, capacity)
	}
}

// turns is about how often a goroutine was given the processor: the runtime measures every
// eighth time.
func turns() (n uint64) {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	for _, count := range sample[0].Value.Float64Histogram().Counts {
		n += 8 * count
	}
	return n
}
