package memory_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store/memory"
)

// A key that has a token is found at every moment while others are stored and deleted, also
// while the table grows. Fails if the table has the same links at both of its sizes.
func TestNoMissWhileTableGrows(t *testing.T) {
	const keys, readers = 300, 3
	for range 30 {
		s := open(t, 1000)
		var stored atomic.Int32
		var group sync.WaitGroup
		for r := range readers {
			group.Go(func() {
				for i := r; stored.Load() < keys; i++ {
					n := int(stored.Load())
					if n == 0 {
						continue
					}
					key := fmt.Sprint("key", i%n)
					if tok, err := s.Get(t.Context(), key); err != nil || tok.Reveal() != key {
						t.Errorf("Get(%q) of %d keys = %v, %v", key, n, tok, err)
						return
					}
				}
			})
		}
		for i := range keys {
			key := fmt.Sprint("key", i)
			tok, passing := token(key, time.Hour), token("passing", time.Hour)
			swap(t, s, "passing", none, passing, passing)
			swap(t, s, key, none, tok, tok)
			if err := s.CompareAndDelete(t.Context(), "passing", passing); err != nil {
				t.Fatal(err)
			}
			stored.Store(int32(i + 1))
		}
		group.Wait()
		s.Close()
	}
}

// A store with few keys is small, whatever its capacity, and runs no goroutine. Fails if
// the table, the ghosts or ristretto are allocated before they are needed.
func TestFewKeysTakeLittle(t *testing.T) {
	const most = 16 << 10
	var before, after runtime.MemStats
	goroutines := runtime.NumGoroutine()
	runtime.ReadMemStats(&before)
	s := open(t, 10_000_000)
	for i := range 20 {
		tok := token("tok", time.Hour)
		swap(t, s, fmt.Sprint("key", i), none, tok, tok)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > most {
		t.Errorf("%d bytes were allocated for 20 keys, want %d at most", got, most)
	}
	if got := runtime.NumGoroutine(); got > goroutines {
		t.Errorf("%d goroutines after %d", got, goroutines)
	}
}

// BenchmarkNew is a near store of the default capacity for one identity.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	tok := token("tok", time.Hour)
	for b.Loop() {
		s, err := memory.New(memory.Config{})
		if err != nil {
			b.Fatal(err)
		}
		swap(b, s, "key", none, tok, tok)
		s.Close()
	}
}
