package memory_test

import (
	"fmt"
	"math/bits"
	"runtime"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
)

// The table doubles when half of its buckets would be in use, and ends with a bucket for each key of
// the capacity: half of them would make look-ups slow, and twice as many would be memory for nothing.
func TestTableHasABucketForEachKey(t *testing.T) {
	const capacity, pointer = 1 << 17, bits.UintSize / 8
	s, err := memory.New(memory.Config{Capacity: capacity})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tok, err := store.NewToken("tok", time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]int{capacity/8 + 1: capacity / 2, capacity/4 + 1: capacity, capacity/2 + 1: 0} // buckets, by key
	for key := 1; key <= capacity/2+1; key++ {
		var before, after runtime.MemStats
		buckets, counted := want[key]
		if counted {
			runtime.ReadMemStats(&before)
		}
		if _, err := s.CompareAndSwap(t.Context(), fmt.Sprintf("key-%d", key), store.Token{}, tok); err != nil {
			t.Fatal(err)
		}
		if !counted {
			continue
		}
		runtime.ReadMemStats(&after)
		if n := int(after.TotalAlloc - before.TotalAlloc); n < buckets*pointer || n > buckets*pointer+capacity {
			t.Errorf("with key %d the table took %d bytes, want %d and little more", key, n, buckets*pointer)
		}
	}
}
