package report

import (
	"math"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/load"
)

// Spread is how durations are spread. All are 0 if there were none.
type Spread struct {
	Count int64         `json:"count"`
	Mean  time.Duration `json:"mean_ns"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P99   time.Duration `json:"p99_ns"`
	P999  time.Duration `json:"p999_ns"`
	P9999 time.Duration `json:"p9999_ns"`
	Max   time.Duration `json:"max_ns"`

	// Histogram has all of it, in the interchange format of HdrHistogram.
	Histogram *load.Histogram `json:"histogram"`
}

func spread(h *load.Histogram) Spread {
	return Spread{
		Count: h.Count(), Mean: h.Mean(), Max: h.Max(), Histogram: h,
		P50: h.At(.5), P90: h.At(.9), P99: h.At(.99), P999: h.At(.999), P9999: h.At(.9999),
	}
}

// above is how many were longer than limit.
func (s Spread) above(limit time.Duration) int64 {
	if s.Histogram == nil {
		return 0
	}
	return s.Histogram.Above(limit)
}

// least is the shortest.
func (s Spread) least() time.Duration {
	if s.Histogram == nil {
		return s.P50 // the lowest figure that is known without one
	}
	return s.Histogram.At(0)
}

// text writes one of the figures for people.
func (s Spread) text(figure time.Duration) string {
	if s.Count == 0 {
		return none
	}
	return short(figure)
}

// point is one of a percentile curve.
type point struct {
	share float64 // of the calls that were not slower
	value time.Duration
}

// curve returns the percentile curve, with points evenly spaced on a scale of
// 1/(1-share), as far as there are calls to tell of: beyond the last of them the curve
// would be made up.
func (s Spread) curve() []point {
	if s.Histogram == nil || s.Count == 0 {
		return nil
	}
	const perDecade = 24
	var points []point
	for i := 0; ; i++ {
		odds := math.Pow(10, float64(i)/perDecade) // one call in so many is slower
		if odds > float64(s.Count) {
			return append(points, point{1 - 1/float64(max(2, s.Count)), s.Max})
		}
		share := 1 - 1/odds
		points = append(points, point{share, s.Histogram.At(share)})
	}
}
