package bench

import (
	"math"
	"slices"
	"strings"
)

// A figure is one number made of the results of all rounds. measured is false if one of
// the benchmarks that it needs did not run.
type figure func(*results) (x float64, measured bool)

// median is the median of all rounds.
func median(name, unit string) figure {
	return func(r *results) (float64, bool) { return middle(r.series[name+" "+unit]) }
}

// worst is the largest value of all rounds.
func worst(name, unit string) figure {
	return func(r *results) (float64, bool) {
		all := r.series[name+" "+unit]
		if len(all) == 0 {
			return 0, false
		}
		return slices.Max(all), true
	}
}

// ratio is a divided by b, as the median of the ratios of the rounds: what slows a whole
// round down is on both sides of it.
func ratio(a, b, unit string) figure {
	return func(r *results) (float64, bool) {
		return r.ratio(r.peer(a, unit)+" "+unit, r.peer(b, unit)+" "+unit)
	}
}

// inTurn is the median of the ratios of two units of one benchmark, which measures both in turn.
func inTurn(name, a, b string) figure {
	return func(r *results) (float64, bool) { return r.ratio(name+" "+a, name+" "+b) }
}

// ratio is the median of the ratios of two series, round by round.
func (r *results) ratio(a, b string) (float64, bool) {
	divisors := r.series[b]
	var all []float64
	for i, x := range r.series[a] {
		if i < len(divisors) && divisors[i] != 0 {
			all = append(all, x/divisors[i])
		}
	}
	return middle(all)
}

// more is what a has more than b, by their medians.
func more(a, b, unit string) figure {
	return func(r *results) (float64, bool) {
		x, xOK := middle(r.series[a+" "+unit])
		y, yOK := middle(r.series[b+" "+unit])
		return x - y, xOK && yOK
	}
}

// scatter is the median of a, divided by the value that a quarter of the rounds of b
// exceed: at 1 or less, a is within the scatter of b. Fewer than four have no
// scatter to speak of.
func scatter(a, b, unit string) figure {
	return func(r *results) (float64, bool) {
		x, xOK := middle(r.series[a+" "+unit])
		all := slices.Sorted(slices.Values(r.series[b+" "+unit]))
		if !xOK || len(all) < 4 {
			return 0, false
		}
		return x / all[len(all)*3/4], true
	}
}

// worstOf is worst, if there were that many operations in all rounds together: a rare
// event needs them to be seen. With fewer it is measured only if it is above limit.
func worstOf(operations int, limit float64, name, unit string) figure {
	return func(r *results) (float64, bool) {
		x, measured := worst(name, unit)(r)
		return x, measured && (x > limit || r.ops[name] >= operations)
	}
}

// floors and stores of this library, which are no peers.
var noPeers = []string{"tiered", "memory", "map", "redis", "channel"}

// peer returns name. If name has a * in it, that is the peer with the smallest median.
func (r *results) peer(name, unit string) string {
	prefix, suffix, wanted := strings.Cut(name, "*")
	if !wanted {
		return name
	}
	best, least := "", math.Inf(1)
	for series, values := range r.series {
		peer, isPeer := strings.CutPrefix(series, prefix)
		peer, isUnit := strings.CutSuffix(peer, suffix+" "+unit)
		if !isPeer || !isUnit || slices.Contains(noPeers, peer) || strings.HasPrefix(peer, "pointer-load") {
			continue
		}
		if x, _ := middle(values); x < least || x == least && peer < best {
			best, least = peer, x
		}
	}
	return prefix + best + suffix
}

// middle is the median, without changing the order of values.
func middle(values []float64) (x float64, ok bool) {
	if len(values) == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2], true
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2, true
}
