package alloctest

import (
	"math"
	"runtime"
)

const calls = 50 // what the runtime allocates besides is not in each of them

// Meter counts the allocations of a part of what runs: between Start and Stop, however
// often these are called. The zero value is ready to use. It has the limits of PerRun.
type Meter struct {
	stats          runtime.MemStats
	started, spent uint64
}

// Reset forgets what was counted.
func (m *Meter) Reset() { m.spent = 0 }

// Start begins a part that counts.
func (m *Meter) Start() { m.started = m.mallocs() }

// Stop ends it.
func (m *Meter) Stop() { m.spent += m.mallocs() - m.started }

// Least returns the least that one of 50 runs of f has counted, after one that does not
// count. f resets the Meter in each. Meanwhile GOMAXPROCS is 1.
func (m *Meter) Least(f func()) uint64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f()
	least := uint64(math.MaxUint64)
	for range calls {
		f()
		least = min(least, m.spent)
	}
	return least
}

func (m *Meter) mallocs() uint64 {
	runtime.ReadMemStats(&m.stats)
	return m.stats.Mallocs
}
