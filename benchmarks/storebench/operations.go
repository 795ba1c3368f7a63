package storebench

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/advoware-go/advoware/store"
)

// hit is a Get of a token that is there, by as many goroutines as there are cores.
func hit(b *testing.B, _ Config, open func(testing.TB) store.Store) {
	s, key := open(b), newKey()
	want := put1(b, s, key)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if tok, err := s.Get(b.Context(), key); err != nil || !tok.Equal(want) {
				b.Errorf("a token that is there: %v", err)
				return
			}
		}
	})
}

// miss is a Get of a token that is not there.
func miss(b *testing.B, _ Config, open func(testing.TB) store.Store) {
	s, key := open(b), newKey()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Get(b.Context(), key); !errors.Is(err, store.ErrNotFound) {
				b.Errorf("a token that is not there: %v", err)
				return
			}
		}
	})
}

// put is a CompareAndSwap that replaces the token that is there, as a renewal does.
func put(b *testing.B, _ Config, open func(testing.TB) store.Store) {
	s, key := open(b), newKey()
	old := put1(b, s, key)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		tok := freshToken(b)
		b.StartTimer()
		old = replace(b, s, key, old, tok)
	}
}

// replace is a function of its own because go1.26.8 fails to compile a Loop that has it inside.
func replace(b *testing.B, s store.Store, key string, old, tok store.Token) store.Token {
	stands, err := s.CompareAndSwap(b.Context(), key, old, tok)
	if err != nil || !stands.Equal(tok) {
		b.Fatalf("a token that replaces the one that is there: %v", err)
	}
	return stands
}

// remove is a CompareAndDelete of the token that is there, as a 401 makes one.
func remove(b *testing.B, _ Config, open func(testing.TB) store.Store) {
	s, key := open(b), newKey()
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		old := put1(b, s, key)
		b.StartTimer()
		if err := s.CompareAndDelete(b.Context(), key, old); err != nil {
			b.Fatalf("deleting the token that is there: %v", err)
		}
	}
}

// zipf makes some identities wanted often, and most of them rarely.
const zipf = 1.1

// identities is a Get of one of many keys that all have a token. lost/op are those that the
// store has given up; they are put again.
func identities(b *testing.B, c Config, open func(testing.TB) store.Store) {
	s := open(b)
	keys := make([]string, c.Identities)
	for i := range keys {
		keys[i] = newKey()
		put1(b, s, keys[i])
	}
	draw := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), zipf, 1, uint64(len(keys)-1))
	asked := make([]string, pick(1<<16, 1<<10))
	for i := range asked {
		asked[i] = keys[draw.Uint64()]
	}
	lost, i := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		key := asked[i%len(asked)]
		i++
		lost += ask(b, s, key)
	}
	b.ReportMetric(float64(lost)/float64(i), "lost/op")
}

// ask gets a token, and puts it again if the store has given it up, which it returns as 1.
func ask(b *testing.B, s store.Store, key string) (lost int) {
	_, err := s.Get(b.Context(), key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		put1(b, s, key)
		return 1
	case err != nil:
		b.Fatalf("a token of one of many identities: %v", err)
	}
	return 0
}
