// Package alloctest fails a test or a benchmark whose code allocates.
//
// testing.AllocsPerRun rounds down to a whole number: what allocates in every
// second run passes for zero. [PerRun] counts in fractions, and [None] fails where
// there is more than an accident. Each benchmark with NoAlloc in its name calls
// it, which internal/archtest checks.
//
// All allocations of the process are counted, so nothing else may run meanwhile: not
// from parallel tests. Under the race detector a sync.Pool forgets at random, and
// code that has one allocates. See ARCHITECTURE.md for where no allocation is promised.
package alloctest

import (
	"math"
	"runtime"
	"testing"
)

const (
	runs   = 1000
	series = 3 // what the runtime allocates meanwhile is not in each of them
	limit  = 0.01
)

// None fails the test at once if f allocates in more than one of a hundred runs, its
// first run apart. A benchmark calls it before what it measures, and resets its timer.
func None(tb testing.TB, f func()) {
	tb.Helper()
	if n := PerRun(f); n > limit {
		tb.Fatalf("%v allocations in each run; want none", n)
	}
}

// PerRun returns how often f allocates in a run: the least mean of three series of
// 1,000 runs, after one that does not count. Meanwhile GOMAXPROCS is 1.
func PerRun(f func()) float64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	least := uint64(math.MaxUint64)
	f()
	for range series {
		runtime.ReadMemStats(&before)
		for range runs {
			f()
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.Mallocs-before.Mallocs)
	}
	return float64(least) / runs
}
