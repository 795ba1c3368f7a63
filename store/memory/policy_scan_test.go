package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store/memory"
)

// A new key looks at 16 entries, the oldest first, and takes the place of the first that was not
// accessed. If all of them were, it is rejected, and the next new key goes on from there.
func TestScanIsBounded(t *testing.T) {
	const capacity, most = 100, 16
	for _, accessed := range []int{0, 1, most - 1, most, most + 1} {
		t.Run(fmt.Sprint(accessed), func(t *testing.T) {
			s := open(t, capacity)
			toks := fill(t, s, "key", capacity, time.Hour)
			for i := range accessed {
				holds(t, s, fmt.Sprint("key", i), toks[i])
			}
			fill(t, s, "new", 1, time.Hour)
			admitted := accessed < most
			if got := isIn(s, "new0"); got != admitted {
				t.Fatalf("the new key is there: %t, want %t", got, admitted)
			}
			if admitted {
				onlyGone(t, s, accessed)
				return
			}
			if got, want := s.Stats(), (memory.Stats{Tokens: capacity, Rejected: 1}); got != want {
				t.Errorf("Stats = %+v, want %+v", got, want)
			}
			fill(t, s, "next", 1, time.Hour)
			onlyGone(t, s, accessed)
			fill(t, s, "after", 1, time.Hour)
			if isIn(s, fmt.Sprint("key", accessed+1)) {
				t.Errorf("key %d is there, and was not accessed", accessed+1)
			}
		})
	}
}

// Half of what a new key looks at is on probation, if something is: that makes way for it if the
// eight oldest others were accessed.
func TestScanOfProbation(t *testing.T) {
	const capacity, others = 100, 8
	for _, accessed := range []int{others - 1, others} {
		t.Run(fmt.Sprint(accessed), func(t *testing.T) {
			s := open(t, capacity)
			toks := fill(t, s, "key", capacity, time.Hour)
			fill(t, s, "probation", 1, time.Hour) // in the place of key 0
			for i := 1; i <= accessed; i++ {
				holds(t, s, fmt.Sprint("key", i), toks[i])
			}
			fill(t, s, "new", 1, time.Hour)
			if !isIn(s, "new0") {
				t.Error("the new key is not there")
			}
			inMain := isIn(s, fmt.Sprint("key", accessed+1))
			if onProbation := isIn(s, "probation0"); onProbation != (accessed < others) || inMain != (accessed >= others) {
				t.Errorf("what was on probation is there: %t; the first other that was not accessed: %t", onProbation, inMain)
			}
		})
	}
}

// A key that came back soon after its eviction, and is deleted, is a new one when it comes again:
// it is on probation, and makes way for the next.
func TestGhostIsForgotten(t *testing.T) {
	for range 20 {
		if ghostIsForgotten(t) {
			return
		}
	}
	t.Error("a key that came back was on probation, in each of 20 stores")
}

// ghostIsForgotten is false if a key that comes back is on probation: in one of 32 stores another key
// has its place among those that were evicted.
func ghostIsForgotten(t *testing.T) bool {
	const capacity = 20 // one of which is on probation
	s := open(t, capacity)
	fill(t, s, "key", capacity, time.Hour)
	fill(t, s, "new", 1, time.Hour)
	if isIn(s, "key0") {
		t.Fatal("the oldest key is there")
	}
	tok := fill(t, s, "key", 1, time.Hour)[0] // is not on probation
	fill(t, s, "next", 1, time.Hour)
	if !isIn(s, "key0") || isIn(s, "new0") {
		return false
	}
	if err := s.CompareAndDelete(t.Context(), "key0", tok); err != nil {
		t.Fatal(err)
	}
	fill(t, s, "filler", 1, time.Hour)
	fill(t, s, "key", 1, time.Hour)
	fill(t, s, "last", 1, time.Hour)
	if isIn(s, "key0") || !isIn(s, "last0") {
		t.Error("a key that was deleted did not have to be on probation again")
	}
	return true
}

// A key that was rejected and comes again soon need not be on probation: the next new key does not
// take its place.
func TestRejectedKeyComesAgain(t *testing.T) {
	for range 20 {
		if rejectedKeyComesAgain(t) {
			return
		}
	}
	t.Error("a key that came again was on probation, in each of 20 stores")
}

// rejectedKeyComesAgain is false if a key that comes again is on probation, see ghostIsForgotten.
func rejectedKeyComesAgain(t *testing.T) bool {
	const capacity = 20 // one of which is on probation
	s := open(t, capacity)
	for i, tok := range fill(t, s, "key", capacity, time.Hour) {
		holds(t, s, fmt.Sprint("key", i), tok)
	}
	fill(t, s, "new", 1, time.Hour)
	if isIn(s, "new0") {
		t.Fatal("a new key is there, and all others were accessed")
	}
	fill(t, s, "new", 1, time.Hour)
	fill(t, s, "next", 1, time.Hour)
	return isIn(s, "new0") && isIn(s, "next0")
}

// The scan goes on where the last one stopped, whatever was deleted elsewhere meanwhile.
func TestDeletionLeavesTheScan(t *testing.T) {
	const capacity = 100
	s := open(t, capacity)
	toks := fill(t, s, "key", capacity, time.Hour)
	holds(t, s, "key0", toks[0])
	fill(t, s, "new", 1, time.Hour) // in the place of key 1
	if err := s.CompareAndDelete(t.Context(), "key50", toks[50]); err != nil {
		t.Fatal(err)
	}
	fill(t, s, "filler", 1, time.Hour)
	fill(t, s, "next", 1, time.Hour)
	if isIn(s, "key2") || !isIn(s, "key51") || !isIn(s, "key0") {
		t.Errorf("key 2 is there: %t, key 51: %t, key 0: %t", isIn(s, "key2"), isIn(s, "key51"), isIn(s, "key0"))
	}
}

// isIn reports whether there is a token for key, and does not access it.
func isIn(s *memory.Store, key string) bool { return s.Slot(key) != nil }

func onlyGone(t *testing.T, s *memory.Store, gone int) {
	t.Helper()
	for i := range s.Stats().Tokens {
		if key := fmt.Sprint("key", i); isIn(s, key) == (i == gone) {
			t.Errorf("%s is there: %t", key, i != gone)
		}
	}
}
