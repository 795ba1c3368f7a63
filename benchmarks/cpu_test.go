package benchmarks

import "testing"

// measure starts the measurement, and returns what ends it. Besides the time by
// the clock it reports cpu-ns/op, which stays true on a machine that is busy with
// something else: with parallel=2, the same as with parallel=1 means twice the
// throughput.
func measure(b *testing.B) (stop func()) {
	b.ReportAllocs()
	b.ResetTimer()
	began := cpuTime()
	return func() {
		b.StopTimer()
		if used := cpuTime() - began; used > 0 {
			b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
		}
	}
}
