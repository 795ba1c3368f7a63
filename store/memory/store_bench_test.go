package memory_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
)

// BenchmarkGet is a hit, among one identity and among many drawn from a Zipf
// distribution. The floor is one atomic load.
func BenchmarkGet(b *testing.B) {
	b.Run("impl=floor", func(b *testing.B) {
		var p atomic.Pointer[string]
		both(b, 1, func([]string) func(string) {
			return func(string) { p.Load() }
		})
	})
	b.Run("impl=memory", func(b *testing.B) {
		for _, n := range []int{1, 1000, 100_000} {
			b.Run(fmt.Sprintf("identities=%d", n), func(b *testing.B) {
				both(b, n, func(keys []string) func(string) {
					s := open(b, 0)
					tok := token("tok", time.Hour)
					for _, key := range keys {
						swap(b, s, key, none, tok, tok)
					}
					ctx := b.Context()
					return func(key string) {
						if _, err := s.Get(ctx, key); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	})
}

// both runs what prepare returns serially and in parallel, on a sequence of n keys.
func both(b *testing.B, n int, prepare func(keys []string) func(key string)) {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprint("identity-", i)
	}
	get := prepare(keys)
	sequence := make([]string, 1<<18)
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.01, 1, uint64(n-1))
	for i := range sequence {
		sequence[i] = keys[zipf.Uint64()]
	}
	b.Run("mode=serial", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			get(sequence[i%len(sequence)])
		}
	})
	b.Run("mode=parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := rand.IntN(len(sequence)); pb.Next(); i++ {
				get(sequence[i%len(sequence)])
			}
		})
	})
}

// BenchmarkCompareAndSwap is a renewal, the first token of a new key (and its deletion),
// and the same in a full store, where another key is evicted for it.
func BenchmarkCompareAndSwap(b *testing.B) {
	toks := [2]store.Token{token("a", time.Hour), token("b", time.Hour)}
	b.Run("state=renewal", func(b *testing.B) {
		s := open(b, 0)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s.CompareAndSwap(b.Context(), "key", toks[i%2], toks[(i+1)%2])
		}
	})
	b.Run("state=new", func(b *testing.B) {
		s := open(b, 0)
		b.ReportAllocs()
		for b.Loop() {
			s.CompareAndSwap(b.Context(), "key", none, toks[0])
			s.CompareAndDelete(b.Context(), "key", toks[0])
		}
	})
	b.Run("state=evict", func(b *testing.B) {
		s := open(b, 1000)
		keys := make([]string, 100_000)
		for i := range keys {
			keys[i] = fmt.Sprint("key", i)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s.CompareAndSwap(b.Context(), keys[i%len(keys)], none, toks[0])
		}
	})
}
