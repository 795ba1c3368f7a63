package memory_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
)

// A key that is accessed all the time stays, however many others come once, with one core
// as with several, and when they are busy. Fails if the policy learns of hits on a
// goroutine of its own, as ristretto's does.
func TestAccessedKeysStay(t *testing.T) {
	for _, cores := range []int{1, 2} {
		for _, busy := range []int{0, 4} {
			all := []struct{ regulars, accesses int }{
				{500, 10}, // for each new key, in turn
				{990, 30},
				{500, 1},
				{900, 10},
			}
			if busy > 0 {
				all = all[:2] // each burns all cores; how many accesses there are has nothing to do with that
			}
			for _, c := range all {
				t.Run(fmt.Sprintf("cores=%d/busy=%d/regulars=%d/accesses=%d", cores, busy, c.regulars, c.accesses), func(t *testing.T) {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
					defer keepBusy(busy)()
					others := 5000
					if busy > 0 {
						others = 1500 // each takes longer
					}
					accessedKeysStay(t, c.regulars, c.accesses, others)
				})
			}
		}
	}
}

func accessedKeysStay(t *testing.T, regulars, accesses, others int) {
	s := open(t, 1000)
	toks := fill(t, s, "regular", regulars, time.Hour)
	keys := make([]string, regulars)
	for i := range keys {
		keys[i] = fmt.Sprint("regular", i)
	}
	n := 0
	for i := range others {
		fill(t, s, fmt.Sprint("other", i), 1, time.Hour)
		for range accesses {
			if got, err := s.Get(t.Context(), keys[n]); err == nil && got != toks[n] {
				t.Fatalf("regular %d has %v, want %v", n, got, toks[n])
			}
			n = (n + 1) % regulars
		}
	}
	if left := found(t, s, keys); left < regulars*95/100 {
		t.Errorf("%d of %d are left after %d others", left, regulars, others)
	}
}

// keepBusy starts n goroutines that spin until stop is called.
func keepBusy(n int) (stop func()) {
	var done atomic.Bool
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			for !done.Load() {
			}
		})
	}
	return func() { done.Store(true); group.Wait() }
}

// found returns how many of keys have a token.
func found(t testing.TB, s store.Store, keys []string) (n int) {
	for _, key := range keys {
		if _, err := s.Get(t.Context(), key); err == nil {
			n++
		}
	}
	return n
}

// A new key is rejected by a full store of which each entry was accessed: its token is
// returned, the next Get misses, and nothing is evicted. Fails if Store.add keeps what is
// rejected, and if victim scans until it finds one.
func TestRejectedTokenIsReturned(t *testing.T) {
	const capacity = 100
	s := open(t, capacity)
	toks := fill(t, s, "key", capacity, time.Hour)
	for i := range capacity {
		for j, tok := range toks {
			holds(t, s, fmt.Sprint("key", j), tok)
		}
		key, tok := fmt.Sprint("new", i), token(fmt.Sprint("new", i), time.Hour)
		swap(t, s, key, none, tok, tok)
		if got, want := s.Stats(), (memory.Stats{Tokens: capacity, Rejected: uint64(i + 1)}); got != want {
			t.Fatalf("Stats = %+v, want %+v", got, want)
		}
		holds(t, s, key, none)
	}
	// Entries that are not accessed any more are evicted.
	for range 2 {
		fill(t, s, "new", capacity, time.Hour)
	}
	if got := s.Stats(); got.Tokens != capacity || got.Evicted < capacity/2 {
		t.Errorf("Stats = %+v, want half of them evicted", got)
	}
}

// A full store whose keys are all accessed admits one more that is accessed as much, after a
// few attempts, and keeps it when others come once. Fails if the probation queue is not
// scanned while it is short.
func TestOneMoreIsAdmitted(t *testing.T) {
	const capacity, regulars = 200, 199
	s := open(t, capacity)
	fill(t, s, "regular", regulars, time.Hour)
	keys := []string{"late"}
	for i := range regulars {
		keys = append(keys, fmt.Sprint("regular", i))
	}
	found(t, s, keys)
	attempts := 0
	for i := range 10 * capacity {
		fill(t, s, fmt.Sprint("other", i), 1, time.Hour)
		if _, err := s.Get(t.Context(), "late"); err != nil && i > capacity {
			attempts++
			tok := token("late", time.Hour)
			swap(t, s, "late", none, tok, tok)
		}
		found(t, s, keys)
	}
	if got := found(t, s, keys); got < regulars*95/100 {
		t.Errorf("%d of %d are left", got, len(keys))
	}
	if attempts > capacity {
		t.Errorf("one more needed %d attempts", attempts)
	}
}

// Keys that are accessed again later than a round of the clock hand takes, because only a
// few places are left to those that come once, are stored again after a miss, and then
// stay. Fails without the probation queue (four of ten stay), and without the ghosts.
func TestRarelyAccessedKeysStay(t *testing.T) {
	const capacity, regulars, others = 1000, 900, 5000
	s := open(t, capacity)
	var keys []string
	for i := range regulars {
		keys = append(keys, fmt.Sprint("regular", i))
	}
	tok := token("tok", time.Hour)
	n := 0
	for i := range others {
		swap(t, s, fmt.Sprint("other", i), none, tok, tok)
		for range 2 {
			if _, err := s.Get(t.Context(), keys[n]); err != nil {
				swap(t, s, keys[n], none, tok, tok)
			}
			n = (n + 1) % regulars
		}
	}
	// Nearly all do; how many depends on the hashes, which are seeded anew in each process.
	if left := found(t, s, keys); left < regulars*90/100 {
		t.Errorf("%d of %d are left", left, regulars)
	}
}

// A tenth of the keys fit, and accesses follow a Zipf distribution: the hit ratio is nearly
// that of a store that knows the most accessed keys beforehand. LRU has 0.05 less.
func TestHitRatio(t *testing.T) {
	const identities, capacity, lookups = 10_000, 1000, 200_000
	s := open(t, capacity)
	keys := make([]string, identities)
	for i := range keys {
		keys[i] = fmt.Sprint("key", i)
	}
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 1, identities-1)
	tok := token("tok", time.Hour)
	hits, best := 0, 0
	for i := range lookups {
		n := zipf.Uint64()
		_, err := s.Get(t.Context(), keys[n])
		if err != nil {
			swap(t, s, keys[n], none, tok, tok)
		}
		if i >= lookups/2 { // before that it learns
			if err == nil {
				hits++
			}
			if n < capacity {
				best++
			}
		}
	}
	got, want := float64(hits)/(lookups/2), float64(best)/(lookups/2)
	if got < want-0.02 {
		t.Errorf("hit ratio %.3f; the best choice has %.3f", got, want)
	}
}
