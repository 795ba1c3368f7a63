package benchmarks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/tiered"
)

// indexed returns the token of one of many identities, by its number.
type indexed func(ctx context.Context, n int) (string, error)

// BenchmarkIdentitiesAtHand is BenchmarkIdentities for a program that has the client of the
// identity at hand, and does not look for it: store=tiered is its Source. store=otter is a
// lookup by key, which it cannot do without. store=pointer-load is the floor: a slice of
// pointers.
func BenchmarkIdentitiesAtHand(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		keys := newPopulation(pick(n, min(n, 1000))).keys
		draw := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), zipf, 1, uint64(len(keys)-1))
		asked := make([]int, pick(1<<20, 1<<15))
		for i := range asked {
			asked[i] = int(draw.Uint64())
		}
		for _, s := range []struct {
			name string
			open func(testing.TB, []string) indexed
		}{
			{"tiered", sourcesAtHand},
			{"otter", func(tb testing.TB, keys []string) indexed {
				get := keyedOtter(tb, new(gateway), 2*len(keys))
				return func(ctx context.Context, n int) (string, error) { return get(ctx, keys[n]) }
			}},
			{"pointer-load", pointersAtHand},
		} {
			b.Run(fmt.Sprintf("store=%s/identities=%d", s.name, n), func(b *testing.B) {
				get := s.open(b, keys)
				for range 3 { // a Source takes the slot of its key at its second hit
					for i := range keys {
						_ = must(get(b.Context(), i))
					}
				}
				for _, procs := range parallels() {
					b.Run(fmt.Sprintf("parallel=%d", procs), func(b *testing.B) {
						parallel(b, procs, func(pb *testing.PB) {
							ctx := b.Context()
							for i := rand.IntN(len(asked)); pb.Next(); i++ {
								if text, err := get(ctx, asked[i%len(asked)]); err != nil || text == "" {
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
}

func sourcesAtHand(tb testing.TB, keys []string) indexed {
	near := must(memory.New(memory.Config{Capacity: 2 * len(keys)}))
	both := must(tiered.New(tiered.Config{Near: near, NearSlot: near.Slot, Far: forgetful{}, Logger: quiet()}))
	tb.Cleanup(func() { _, _ = both.Close(), near.Close() })
	gw, log, sources := new(gateway), quiet(), make([]*token.Source, len(keys))
	for i, key := range keys {
		_ = must(near.CompareAndSwap(tb.Context(), key, store.Token{}, must(gw.fetch(tb.Context()))))
		sources[i] = must(token.New(token.Config{Store: both, Tiers: both.Tiers(), Key: key, Fetch: gw.fetch, Logger: log}))
	}
	tb.Cleanup(func() {
		for _, s := range sources {
			s.Close()
		}
	})
	return func(ctx context.Context, n int) (string, error) {
		tok, err := sources[n].Token(ctx, 0)
		return tok.Reveal(), err
	}
}

func pointersAtHand(tb testing.TB, keys []string) indexed {
	gw, tokens := new(gateway), make([]atomic.Pointer[string], len(keys))
	for i := range tokens {
		tokens[i].Store(new(must(gw.issue(tb.Context())).text))
	}
	return func(_ context.Context, n int) (string, error) { return *tokens[n].Load(), nil }
}
