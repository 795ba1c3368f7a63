package memory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// BenchmarkMassExpiry is how long a writer waits for its turn while 100,000 tokens end
// together: median-ns, p99-ns and max-ns are of its renewals meanwhile. ns/op means
// nothing. On a machine that does other work max-ns is how long it did that.
func BenchmarkMassExpiry(b *testing.B) {
	const n = 100_000
	toks := [2]store.Token{token("a", time.Hour), token("b", time.Hour)}
	var waits []time.Duration
	for b.Loop() {
		s := open(b, n+1)
		swap(b, s, "busy", none, toks[0], toks[0])
		end := time.Now().Add(4 * time.Second) // longer than it takes to fill the store
		for i := range n {
			tok, err := store.NewToken("tok", time.Time{}, end)
			if err != nil {
				b.Fatal(err)
			}
			swap(b, s, fmt.Sprint("key", i), none, tok, tok)
		}
		time.Sleep(time.Until(end) - 10*time.Millisecond)
		for i, left := 0, n; left > 1; i++ {
			before := time.Now()
			swap(b, s, "busy", toks[i%2], toks[(i+1)%2], toks[(i+1)%2])
			took := time.Since(before)
			if left = s.Stats().Tokens; left <= n {
				waits = append(waits, took)
			}
		}
		s.Close()
	}
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2]), "median-ns")
	b.ReportMetric(float64(waits[len(waits)*99/100]), "p99-ns")
	b.ReportMetric(float64(waits[len(waits)-1]), "max-ns")
}
