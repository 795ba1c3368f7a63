package alloctest

import (
	"math"
	"runtime"
)

const calls = 50 // the runtime itself allocates in some of them, and not in all

// Meter counts the allocations between Start and Stop, which may be called many times. The
// zero value is ready to use. It has the limits of PerRun.
type Meter struct {
	stats          runtime.MemStats
	started, count uint64
}

// Reset sets the count to zero.
func (m *Meter) Reset() { m.count = 0 }

// Start starts to count.
func (m *Meter) Start() { m.started = m.mallocs() }

// Stop stops to count.
func (m *Meter) Stop() { m.count += m.mallocs() - m.started }

// Least runs f once, and then 50 times more, and returns the lowest count of these. f must
// call Reset in each run. Meanwhile GOMAXPROCS is 1.
func (m *Meter) Least(f func()) uint64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f()
	least := uint64(math.MaxUint64)
	for range calls {
		f()
		least = min(least, m.count)
	}
	return least
}

func (m *Meter) mallocs() uint64 {
	runtime.ReadMemStats(&m.stats)
	return m.stats.Mallocs
}
