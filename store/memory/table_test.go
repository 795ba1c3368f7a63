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
// while the table grows. Fails if the table has the same links at
// two sizes, and if a reader does not look into the buckets that are being moved.
func TestNoMissWhileTableGrows(t *testing.T) {
	const keys, readers = 3000, 3
	for range 5 {
		s := open(t, 10_000)
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

// What a key takes does not depend on the capacity. Fails if the table is allocated for a full
// store.
func TestMemoryOfAKey(t *testing.T) {
	const most = 200 // bytes, besides its name and its token
	for _, c := range []struct{ keys, capacity int }{{1000, 10_000_000}, {100_000, 100_000}} {
		names, tok := make([]string, c.keys), token("tok", time.Hour)
		for i := range names {
			names[i] = fmt.Sprint("key", i)
		}
		before := heap()
		s := open(t, c.capacity)
		for _, key := range names {
			swap(t, s, key, none, tok, tok)
		}
		if got := (heap() - before) / int64(c.keys); got > most {
			t.Errorf("%d bytes for each of %d keys in a store for %d, want %d at most", got, c.keys, c.capacity, most)
		}
		runtime.KeepAlive(names)
		s.Close()
	}
}

// Keys that come and go leave nothing: the table grows with those that are there. Fails if what is
// removed still counts.
func TestKeysThatComeAndGoTakeNothing(t *testing.T) {
	const times, most = 50_000, 64 << 10
	s, tok := open(t, 1_000_000), token("tok", time.Hour)
	before := heap()
	for i := range times {
		key := fmt.Sprint("key", i)
		swap(t, s, key, none, tok, tok)
		if err := s.CompareAndDelete(t.Context(), key, tok); err != nil {
			t.Fatal(err)
		}
	}
	if got := heap() - before; got > most {
		t.Errorf("%d bytes after %d keys came and went, want %d at most", got, times, most)
	}
	runtime.KeepAlive(s)
}

// Keys that come once to a full store leave nothing either, also where ristretto is told of them.
func TestKeysThatAreEvictedTakeNothing(t *testing.T) {
	const capacity, times, most = 100, 20_000, 1 << 20 // of which ristretto has a quarter
	s, tok := open(t, capacity), token("tok", time.Hour)
	before := heap()
	for i := range times {
		swap(t, s, fmt.Sprint("key", i), none, tok, tok)
	}
	if got := heap() - before; got > most {
		t.Errorf("%d bytes after %d keys, want %d at most", got, times, most)
	}
	runtime.KeepAlive(s)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
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
