package memory_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store/memory"
)

// Many writers with new keys at once: ristretto is told of them in another order than they came and
// went. It keeps some that are gone then, until there are too many, and evicts what it should not:
// some that are gone, and some of which it has no entry any more, as it is just being told that they
// leave. Each key is kept or evicted all the same, and as many are kept as fit.
func TestNewKeysOfManyWriters(t *testing.T) {
	const capacity, writers, each = 4000, 32, 2000
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(writers)) // so that a writer is interrupted anywhere
	s, tok := open(t, capacity), token("tok", time.Hour)
	name := func(writer, i int) string { return fmt.Sprint("key", writer, "-", i) }
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				swap(t, s, name(w, i), none, tok, tok)
			}
		})
	}
	group.Wait()
	kept := 0
	for w := range writers {
		for i := range each {
			if s.Slot(name(w, i)) != nil {
				kept++
			}
		}
	}
	got, want := s.Stats(), memory.Stats{Tokens: capacity, Evicted: writers*each - capacity}
	if got != want || kept != capacity {
		t.Errorf("%d keys are kept, Stats = %+v, want %+v", kept, got, want)
	}
}
