package compare

import (
	"math"
	"slices"
)

// Wanted is how sure an interval has to be before it decides anything.
const Wanted = 0.95

// Interval is a ratio, and between which ratios it is with that confidence.
type Interval struct {
	Ratio, Low, High float64
	Confidence       float64
}

// Ratio returns how many times as large b is as a, each given by figures of repeated
// rounds above 0. It is the median of the ratios of all pairs, and the interval between two of
// them (Hodges and Lehmann; Mann, Whitney and Wilcoxon): nothing is assumed of how the
// figures are distributed, so that one round that went wrong decides nothing. Where there are
// too few rounds to be sure, the interval is that of all pairs and its Confidence below Wanted.
func Ratio(a, b []float64) Interval {
	ratios := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			ratios = append(ratios, y/x)
		}
	}
	slices.Sort(ratios)
	n := len(ratios)
	middle := math.Sqrt(ratios[(n-1)/2] * ratios[n/2])
	// Leave out at both ends what is as rare, if there is no difference, as Wanted allows.
	tails := tails(len(a), len(b))
	cut, sure := 0, 1-2*tails[0]
	for k := 1; k < (n+1)/2 && 1-2*tails[k] >= Wanted; k++ {
		cut, sure = k, 1-2*tails[k]
	}
	return Interval{Ratio: middle, Low: ratios[cut], High: ratios[n-1-cut], Confidence: max(0, sure)}
}

// tails returns for each number u how probable it is that at most u of all pairs of m and n
// figures are the wrong way round, if all of them are drawn alike.
func tails(m, n int) []float64 {
	// ways[i][u] is in how many ways j of one kind and i of the other can be put in a row
	// with u pairs the wrong way round; j grows from step to step.
	ways := make([][]float64, m+1)
	for i := range ways {
		ways[i] = make([]float64, m*n+1)
		ways[i][0] = 1
	}
	for j := 1; j <= n; j++ {
		for i := 1; i <= m; i++ { // the last one is of the one kind, behind all i of the other, or of the other
			for u := m * n; u >= 0; u-- {
				if u >= i {
					ways[i][u] = ways[i][u-i]
				} else {
					ways[i][u] = 0
				}
				ways[i][u] += ways[i-1][u]
			}
		}
	}
	var all, sum float64
	for _, w := range ways[m] {
		all += w
	}
	tails := make([]float64, m*n+1)
	for u, w := range ways[m] {
		sum += w
		tails[u] = sum / all
	}
	return tails
}
