package benchmarks

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkProxyIdle is the memory that a sidecar has resident while many connections wait for
// their next call, of which each has had one: rss-MB, and KB/connection, what it has more
// than before. ns/op means nothing. A system that permits fewer open files has fewer
// connections, and says so.
func BenchmarkProxyIdle(b *testing.B) {
	connections := pick(10_000, 100)
	if limit := mostFiles() - 500; connections > limit {
		b.Logf("the system permits %d open files: %d connections", limit+500, limit)
		connections = limit
	}
	for _, v := range startVias(b, startOffice(b)) {
		if v.pid == 0 {
			continue
		}
		b.Run(fmt.Sprintf("via=%s/connections=%d", v.name, connections), func(b *testing.B) {
			var resident, more int
			for b.Loop() {
				before := v.memory()
				var open []*lineCaller
				for range connections {
					c, err := dialVia(v, "/employees")
					if err != nil {
						b.Fatal(err)
					}
					open = append(open, c)
					if _, err := c.call(); err != nil {
						b.Fatalf("connection %d: %v", len(open), err)
					}
				}
				<-time.After(pick(3*time.Second, 0)) // what calls have needed is given back
				resident = v.memory()
				more = resident - before
				for _, c := range open {
					_ = c.conn.Close()
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(resident)/1e6, "rss-MB")
			b.ReportMetric(float64(more)/1e3/float64(connections), "KB/connection")
		})
	}
}
