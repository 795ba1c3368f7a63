package benchmarks

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/advoware-go/advoware/internal/alloctest"
)

// BenchmarkToken is a valid token for one identity, asked for by as many
// goroutines as parallel= says, on as many cores.
func BenchmarkToken(b *testing.B) {
	for _, s := range slices.Concat(subjects(), floors) {
		b.Run("store="+s.name+"/state=hit", func(b *testing.B) {
			defer tellSkip(b)
			get := s.open(b, new(gateway))
			if _, err := get(context.Background()); err != nil {
				b.Fatal(err)
			}
			for _, procs := range parallels() {
				b.Run(fmt.Sprintf("parallel=%d", procs), func(b *testing.B) {
					parallel(b, procs, func(pb *testing.PB) {
						for ctx := b.Context(); pb.Next(); {
							if text, err := get(ctx); err != nil || text == "" {
								b.Errorf("got %q, %v", text, err)
								return
							}
						}
					})
				})
			}
		})
	}
}

// parallels is one core, two, and all.
func parallels() []int {
	return slices.Compact([]int{1, 2, max(2, runtime.NumCPU())})
}

// parallel measures body on as many cores as procs says.
func parallel(b *testing.B, procs int, body func(*testing.PB)) {
	b.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	defer measure(b)()
	b.RunParallel(body)
}

// tellSkip is deferred where a benchmark may be skipped: testing is silent about
// it unless -v is given.
func tellSkip(b *testing.B) {
	if b.Skipped() {
		fmt.Fprintf(os.Stderr, "%s is skipped: something it needs is not installed; -v says what\n", b.Name())
	}
}

// BenchmarkTokenNoAlloc is a hit by one goroutine, called directly: not through
// the getter that makes BenchmarkToken fair, which costs as much as the hit.
func BenchmarkTokenNoAlloc(b *testing.B) {
	ctx := context.Background()
	for _, s := range stores {
		if s.name == "redis" {
			continue // has to allocate
		}
		b.Run("store="+s.name+"/state=hit", func(b *testing.B) {
			source := openSource(b, s.open(b), new(gateway))
			alloctest.None(b, func() {
				if _, err := source.Token(ctx, 0); err != nil {
					b.Fatal(err)
				}
			})
			defer measure(b)()
			for b.Loop() {
				if tok, err := source.Token(ctx, 0); err != nil || tok.IsZero() {
					b.Fatal(err)
				}
			}
		})
	}
}
