package memory_test

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
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

// A key that has left probation, because it was asked for or deleted, takes no place there any
// more: the latest new keys are all kept, as many as there is room for.
func TestWhatHasLeftProbationTakesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const capacity, probation = 400, 20
		s := open(t, capacity)
		fill(t, s, "first", capacity, time.Hour)
		for i := range 1000 {
			key := fmt.Sprint("left", i)
			tok := token(key, time.Hour)
			swap(t, s, key, store.Token{}, tok, tok)
			if i%2 == 0 {
				holds(t, s, key, tok)
			} else {
				if err := s.CompareAndDelete(t.Context(), key, tok); err != nil {
					t.Fatal(err)
				}
				fill(t, s, fmt.Sprint("between", i, "-"), 1, time.Hour) // which is not on probation, as the store was not full
			}
			synctest.Wait()
		}
		for i := range 1000 {
			key := fmt.Sprint("once", i)
			tok := token(key, time.Hour)
			swap(t, s, key, store.Token{}, tok, tok)
			synctest.Wait()
			for j := max(0, i+1-probation); j <= i; j++ {
				if s.Slot(fmt.Sprint("once", j)) == nil { // which is no access
					t.Fatalf("of %d keys that came once, number %d is gone", i+1, j+1)
				}
			}
		}
	})
}

// A long queue of new keys is as exact: what bounds it has room for all of them.
func TestLongProbationKeepsTheLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const capacity, probation = 20_000, 1000
		s := open(t, capacity)
		fill(t, s, "first", capacity, time.Hour)
		for i := range 3 * probation {
			fill(t, s, fmt.Sprint("once", i, "-"), 1, time.Hour)
			if i%100 == 0 {
				synctest.Wait()
			}
		}
		for i := 2 * probation; i < 3*probation; i++ {
			if s.Slot(fmt.Sprint("once", i, "-0")) == nil {
				t.Fatalf("number %d of the latest %d is gone", i-2*probation+1, probation)
			}
		}
	})
}
