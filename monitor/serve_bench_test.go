package monitor_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/monitor"
)

// What an answer costs, by how many offices there are.
func BenchmarkServe(b *testing.B) {
	k := newKanzlei(b, "one", false, clienttest.Options{})
	if err := k.call(0); err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{1, 1000} {
		cfg := monitor.Config{Every: -1}
		for i := range n {
			cfg.Offices = append(cfg.Offices, monitor.Office{Name: fmt.Sprint(i), Client: k.Client})
		}
		m := newMonitor(b, cfg)
		for name, path := range map[string]string{"livez": "/livez", "readyz": "/readyz", "metrics": "/metrics", "status": "/debug/status", "page": "/"} {
			b.Run(fmt.Sprintf("answer=%s/offices=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				r := httptest.NewRequest("GET", "http://127.0.0.1"+path, nil)
				size := 0
				for b.Loop() {
					w := httptest.NewRecorder()
					m.ServeHTTP(w, r)
					size = w.Body.Len()
				}
				b.ReportMetric(float64(size), "bytes")
			})
		}
	}
}
