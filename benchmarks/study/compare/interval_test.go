package compare_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/advoware-go/advoware/benchmarks/study/compare"
)

// The confidence is that of the tables of Mann and Whitney (1947): of four and four figures
// there are 70 orders, of five and five 252, and 1, 1, 2, 3 of these have U = 0, 1, 2, 3.
func TestConfidenceIsThatOfTheTables(t *testing.T) {
	rising := func(n int, from float64) (all []float64) {
		for i := range n {
			all = append(all, from+float64(i))
		}
		return all
	}
	for _, tt := range []struct {
		m, n int
		sure float64
	}{
		{1, 1, 0}, {2, 2, 1 - 2./6}, {3, 3, 1 - 2./20}, {4, 4, 1 - 2./70}, {3, 5, 1 - 2./56}, {5, 5, 1 - 8./252},
	} {
		if got := compare.Ratio(rising(tt.m, 100), rising(tt.n, 200)).Confidence; math.Abs(got-tt.sure) > 1e-12 {
			t.Errorf("%d and %d rounds: confidence %v, want %v", tt.m, tt.n, got, tt.sure)
		}
	}
}

func TestRatio(t *testing.T) {
	for name, tt := range map[string]struct {
		a, b []float64
		want compare.Interval
	}{
		"twice":                   {[]float64{1, 1, 1, 1}, []float64{2, 2, 2, 2}, compare.Interval{Ratio: 2, Low: 2, High: 2}},
		"one round each":          {[]float64{4}, []float64{1}, compare.Interval{Ratio: .25, Low: .25, High: .25}},
		"all pairs":               {[]float64{1, 2}, []float64{2, 4}, compare.Interval{Ratio: 2, Low: 1, High: 4}},
		"one that went wrong":     {[]float64{10, 10, 10, 10, 10, 10, 10, 10}, []float64{10, 10, 10, 10, 10, 10, 10, 9000}, compare.Interval{Ratio: 1, Low: 1, High: 1}},
		"the ends are left out":   {[]float64{1, 1, 1, 1, 1}, []float64{1, 2, 3, 4, 5}, compare.Interval{Ratio: 3, Low: 1, High: 5}},
		"and no more than is due": {[]float64{1, 1, 1, 1, 1, 1}, []float64{1, 2, 3, 4, 5, 6}, compare.Interval{Ratio: math.Sqrt(12), Low: 1, High: 6}},
	} {
		got := compare.Ratio(tt.a, tt.b)
		if math.Abs(got.Ratio-tt.want.Ratio) > 1e-9 || got.Low != tt.want.Low || got.High != tt.want.High {
			t.Errorf("%s: got %+v, want %+v", name, got, tt.want)
		}
	}
}

// Of two versions that are drawn alike, the interval leaves 1 out as rarely as it says, and
// it has the true ratio as often as it says. The draws are always the same ones.
func TestIntervalHoldsWhatItPromises(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	draw := func(n int, times float64) (all []float64) {
		for range n {
			all = append(all, times*math.Exp(random.ExpFloat64())) // with a long tail
		}
		return all
	}
	for _, n := range []int{4, 5, 8} {
		const repeats = 4000
		missed, sure := 0, 0.
		for range repeats {
			i := compare.Ratio(draw(n, 1), draw(n, 1.5))
			sure = i.Confidence
			if i.Low > 1.5 || i.High < 1.5 {
				missed++
			}
		}
		if rate := float64(missed) / repeats; math.Abs(rate-(1-sure)) > 0.01 {
			t.Errorf("%d rounds: the interval misses the ratio in %.3f of all cases; it promises %.3f", n, rate, 1-sure)
		}
	}
}
