package latency_test

import (
	"encoding/json"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/cmd/advoware/internal/latency"
)

func TestPercentiles(t *testing.T) {
	h := latency.New()
	if p := h.Percentiles(); p != (latency.Percentiles{}) {
		t.Errorf("of nothing: %+v", p)
	}
	var all sync.WaitGroup
	for part := range 4 {
		all.Go(func() {
			for i := part + 1; i <= 10_000; i += 4 {
				h.Record(time.Duration(i) * time.Millisecond)
			}
		})
	}
	all.Wait()
	p := h.Percentiles()
	for _, c := range []struct{ got, want float64 }{{p.P50, 5000}, {p.P90, 9000}, {p.P99, 9900}, {p.P999, 9990}, {p.Max, 10_000}} {
		if math.Abs(c.got-c.want) > c.want/500 {
			t.Errorf("%v, want about %v", c.got, c.want)
		}
	}
	text, err := json.Marshal(latency.Percentiles{P50: 1.5})
	if want := `{"p50":1.5,"p90":0,"p99":0,"p99.9":0,"max":0}`; err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
}

func TestExtremes(t *testing.T) {
	h := latency.New()
	for _, d := range []time.Duration{-1, 0, 1, math.MaxInt64, math.MinInt64} {
		h.Record(d)
	}
	if p := h.Percentiles(); p.P50 != 0.001 || p.Max < 86_300_000 || p.Max > 86_500_000 {
		t.Errorf("%+v", p)
	}
}
