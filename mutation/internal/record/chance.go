package record

import "math"

// Once is how rarely a sample is refused although the tests are as good as recorded.
const Once = 1000

// Likely reports whether tests that kill percent of all mutants would kill as few as killed of
// a sample of n in one of Once samples at least.
func Likely(percent, killed, n int) bool {
	p := float64(percent) / 100
	chance := 0.0
	for k := range killed + 1 {
		ln := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
		chance += math.Exp(ln(n)-ln(k)-ln(n-k)) * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
	}
	return chance >= 1.0/Once
}
