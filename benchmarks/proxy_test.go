package benchmarks

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkProxy is a call of an office by a sidecar: the command advoware proxy beside nginx
// and HAProxy that forward the same, and beside the same call without any of them. The office,
// the sidecars and the caller are processes of their own. Metrics are p50-us and p99.9-us of
// one call, and cpu-us, what it takes the sidecar of a processor, which stays true while the
// machine is busy with something else; ns/op means nothing.
//
// With office=0s the office answers at once, and all connections call as fast as answers come:
// what is measured with several connections is how many calls the machine can make. With
// office=5ms it takes that long, which is little for an office, and there are 1,000 calls a
// second at most, so that nobody waits for a processor: what is measured is what one call costs.
//
// All ways are measured together, in slices by turns; each sub-benchmark reports its part.
func BenchmarkProxy(b *testing.B) {
	var vias []via
	for _, wait := range []time.Duration{0, 5 * time.Millisecond} {
		for _, connections := range []int{1, 16, 256} {
			l := load{path: "/employees", connections: connections, calls: pick(10_000, 1), slices: pick(10, 1)}
			if wait > 0 {
				l.path += "?wait=" + wait.String()
				l.calls, l.every = pick(4000, 1), time.Millisecond
			}
			if wait > 0 && connections == 1 {
				l.calls = pick(1000, 1)
			}
			var costs map[string]*cost
			for _, name := range []string{"direct", "advoware", "nginx", "haproxy"} {
				b.Run(fmt.Sprintf("via=%s/office=%s/connections=%d", name, wait, connections), func(sub *testing.B) {
					if vias == nil {
						vias = startVias(b, startOffice(b))
					}
					if costs == nil {
						costs = l.run(sub, vias)
					}
					for sub.Loop() { // it was measured with the others
					}
					c := costs[name]
					if c == nil {
						sub.Skip(name + " is not on PATH")
					}
					sub.ReportMetric(0, "ns/op")
					sub.ReportMetric(us(quantile(c.took, 0.5)), "p50-us")
					sub.ReportMetric(us(quantile(c.took, 0.999)), "p99.9-us")
					sub.ReportMetric(us(c.processor)/float64(len(c.took)), "cpu-us")
				})
			}
		}
	}
}
