package exposition_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/monitor/internal/exposition"
)

// By https://prometheus.io/docs/instrumenting/exposition_formats.
func TestText(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	text := exposition.New(&b)
	text.Family("a_total", "counter", "First\\line\nsecond \"line\".")
	text.Sample(12345678)
	text.Sample(0.25, exposition.Label{"x", "a\\b\n\"c\"ü"}, exposition.Label{"y", ""})
	text.Family("b_seconds", "histogram", "B.")
	labels := make([]exposition.Label, 1, 4)
	labels[0] = exposition.Label{"x", "1"}
	text.Histogram([]float64{0.1, 2}, []uint64{3, 0, 2}, 7.5, labels...)
	text.Family("c", "gauge", "C.")
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e21} {
		text.Sample(v)
	}
	want := `# HELP a_total First\\line\nsecond "line".
# TYPE a_total counter
a_total 1.2345678e+07
a_total{x="a\\b\n\"c\"ü",y=""} 0.25
# HELP b_seconds B.
# TYPE b_seconds histogram
b_seconds_bucket{x="1",le="0.1"} 3
b_seconds_bucket{x="1",le="2"} 3
b_seconds_bucket{x="1",le="+Inf"} 5
b_seconds_sum{x="1"} 7.5
b_seconds_count{x="1"} 5
# HELP c C.
# TYPE c gauge
c NaN
c +Inf
c -Inf
c 1e+21
`
	if err := text.End(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
