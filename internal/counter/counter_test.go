package counter_test

import (
	"sync"
	"testing"
	"unsafe"

	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/internal/counter"
)

func TestNothingIsLost(t *testing.T) {
	var c, other counter.Counter
	if c.Load() != 0 {
		t.Errorf("%d before the first", c.Load())
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 1000 {
				c.Inc()
			}
		})
	}
	wg.Go(func() { // it never runs backwards
		var last uint64
		for range 1000 {
			n := c.Load()
			if n < last {
				t.Errorf("%d after %d", n, last)
			}
			last = n
		}
	})
	wg.Wait()
	if c.Load() != 50_000 || other.Load() != 0 {
		t.Errorf("%d and %d, want 50000 and 0", c.Load(), other.Load())
	}
}

// There are thousands of counters in a process for many offices, and few are ever contended.
func TestAQuietCounterIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(counter.Counter{}); size > 16 {
		t.Errorf("a counter has %d bytes before anybody adds to it", size)
	}
	var c counter.Counter
	var m alloctest.Meter
	if n := m.Least(func() {
		m.Start()
		for range 100 {
			c.Inc()
		}
		m.Stop()
	}); n != 0 {
		t.Errorf("%d allocations by one goroutine", n)
	}
}

func TestIncDoesNotAllocate(t *testing.T) {
	var c counter.Counter
	alloctest.None(t, c.Inc)
}

func BenchmarkIncNoAlloc(b *testing.B) {
	var c counter.Counter
	alloctest.None(b, c.Inc)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.Inc()
		}
	})
}
