package benchmarks

import (
	"fmt"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/counter"
	"github.com/advoware-go/advoware/store"
)

// BenchmarkTokenCounted is what a hit costs with everything on that can observe it:
// the account of where the token came from (Lookup), the count that Transport makes for
// each request, and all hooks. count=off is the bare hit.
func BenchmarkTokenCounted(b *testing.B) {
	hooks := token.Hooks{
		FetchStart: func() {}, FetchDone: func(token.Fetch) {}, Rotated: func(token.Rotation) {},
		Rejected: func(store.Token) {}, RenewalPlanned: func(store.Token, time.Time) {}, Lapsed: func(store.Token) {},
	}
	for _, procs := range parallels() {
		b.Run(fmt.Sprintf("count=off/parallel=%d", procs), func(b *testing.B) {
			source := openSource(b, openTiered(b), new(gateway))
			must(source.Token(b.Context(), 0))
			parallel(b, procs, func(pb *testing.PB) {
				for ctx := b.Context(); pb.Next(); {
					if _, err := source.Token(ctx, 0); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run(fmt.Sprintf("count=on/parallel=%d", procs), func(b *testing.B) {
			source := openHooked(b, openTiered(b), new(gateway), hooks)
			must(source.Token(b.Context(), 0))
			var counts struct{ hits, waits counter.Counter } // as in client/stats.go
			parallel(b, procs, func(pb *testing.PB) {
				for ctx := b.Context(); pb.Next(); {
					if f, err := source.Lookup(ctx, 0); err != nil || f.Waited {
						counts.waits.Inc()
					} else {
						counts.hits.Inc()
					}
				}
			})
			if counts.waits.Load() > 0 || counts.hits.Load() == 0 {
				b.Errorf("%d hits and %d waits", counts.hits.Load(), counts.waits.Load())
			}
		})
	}
}
