package memory_test

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
)

// created returns how many goroutines there have been in the process: a timer that calls a function
// makes one.
func created() uint64 {
	s := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// A store without a token, and one that is closed, has no timer.
func TestNoTimerWithoutTokens(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *memory.Store, store.Token){
		"deleted": func(t *testing.T, s *memory.Store, tok store.Token) {
			if err := s.CompareAndDelete(t.Context(), "key", tok); err != nil {
				t.Fatal(err)
			}
		},
		"closed": func(_ *testing.T, s *memory.Store, _ store.Token) { _ = s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := open(t, 10)
				tok := token("tok", time.Minute)
				swap(t, s, "key", none, tok, tok)
				end(t, s, tok)
				runtime.GC() // whose goroutines are counted too
				before := created()
				time.Sleep(time.Hour)
				synctest.Wait()
				if n := created() - before; n > 0 {
					t.Errorf("%d goroutines in an hour", n)
				}
			})
		})
	}
}

// Who holds the slot of a key has no token any more after Close, and there are no other slots.
func TestCloseEmptiesSlots(t *testing.T) {
	for _, tokens := range []int{1, 100} {
		s := open(t, 0)
		fill(t, s, "key", tokens, time.Hour)
		var slots []*atomictoken.Slot
		for i := range tokens {
			slots = append(slots, s.Slot(fmt.Sprint("key", i)))
		}
		_ = s.Close()
		for i, slot := range slots {
			if !slot.Load().IsZero() || s.Slot(fmt.Sprint("key", i)) != nil {
				t.Errorf("slot %d of %d has a token, or is found again", i, tokens)
			}
		}
	}
}

// A store that has opened its bound, as it was full, ends the goroutines of that.
func TestCloseOfAFullStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left at its end
		s := open(t, 10)
		fill(t, s, "key", 1000, 100*365*24*time.Hour)
		time.Sleep(50 * 365 * 24 * time.Hour) // takes no time, as nothing ticks
		if got := s.Stats(); got.Tokens != 10 {
			t.Errorf("Stats = %+v, want ten tokens", got)
		}
		_ = s.Close()
		_ = s.Close()
	})
}

// A Get during Close finds the token or says that the store is closed, and nothing in between.
func TestGetDuringClose(t *testing.T) {
	const keys, readers = 20_000, 3
	s := open(t, keys)
	fill(t, s, "key", keys, time.Hour)
	var reading sync.WaitGroup
	begun := make(chan bool, readers)
	for r := range readers {
		names := make([]string, keys)
		for i := range names {
			names[i] = fmt.Sprint("key", (i+r*keys/readers)%keys)
		}
		reading.Go(func() {
			for i := 0; ; i = (i + 1) % keys {
				tok, err := s.Get(t.Context(), names[i])
				if err != nil {
					if !errors.Is(err, memory.ErrClosed) {
						t.Errorf("Get: %v", err)
					}
					return
				}
				if tok.IsZero() {
					t.Error("neither a token nor an error")
					return
				}
				if i == 0 {
					select {
					case begun <- true:
					default:
					}
				}
			}
		})
	}
	for range readers {
		<-begun
	}
	_ = s.Close()
	reading.Wait()
}

// A Get while the only token is deleted finds it or misses, and nothing in between.
func TestGetDuringDeletion(t *testing.T) {
	const deletions, readers = 80_000, 2
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8)) // so that the writer is interrupted anywhere
	s, tok := open(t, 0), token("tok", time.Hour)
	var reading sync.WaitGroup
	var done atomic.Bool
	begun := make(chan struct{}, readers)
	for range readers {
		reading.Go(func() {
			for first := true; !done.Load(); first = false {
				if got, err := s.Get(t.Context(), "key"); got.IsZero() != errors.Is(err, store.ErrNotFound) {
					t.Errorf("Get = %v, %v", got, err)
					done.Store(true)
				}
				if first {
					begun <- struct{}{}
				}
			}
		})
	}
	for range readers {
		<-begun
	}
	for range deletions {
		swap(t, s, "key", none, tok, tok)
		if err := s.CompareAndDelete(t.Context(), "key", tok); err != nil {
			t.Fatal(err)
		}
	}
	done.Store(true)
	reading.Wait()
}

// What was removed is not kept from the garbage collector by anything in the store, also after Close,
// nor by those who hold the slot of another key that was removed.
func TestRemovedEntriesAreFreed(t *testing.T) {
	for name, remove := range map[string]func(*testing.T, *memory.Store, []store.Token){
		"deleted": func(t *testing.T, s *memory.Store, toks []store.Token) {
			for i, tok := range toks {
				if err := s.CompareAndDelete(t.Context(), fmt.Sprint("key", i), tok); err != nil {
					t.Fatal(err)
				}
			}
		},
		"deleted, the last ones first": func(t *testing.T, s *memory.Store, toks []store.Token) {
			for i := len(toks) - 1; i >= 0; i-- {
				if err := s.CompareAndDelete(t.Context(), fmt.Sprint("key", i), toks[i]); err != nil {
					t.Fatal(err)
				}
			}
		},
		"closed": func(_ *testing.T, s *memory.Store, _ []store.Token) { _ = s.Close() },
	} {
		freed := func(t *testing.T, keys int) {
			s := open(t, 0)
			toks := fill(t, s, "key", keys, time.Hour)
			var slots []weak.Pointer[atomictoken.Slot]
			for i := range keys {
				slots = append(slots, weak.Make(s.Slot(fmt.Sprint("key", i))))
			}
			remove(t, s, toks)
			runtime.GC()
			runtime.GC()
			left := 0
			for _, slot := range slots {
				if slot.Value() != nil {
					left++
				}
			}
			if left > 0 {
				t.Errorf("%d of %d removed entries are left", left, keys)
			}
			runtime.KeepAlive(s)
		}
		t.Run(name, func(t *testing.T) { freed(t, 1); freed(t, 100) })
	}
}

// Who holds the slot of a key that was removed keeps few of the others that were removed: those that a
// reader is led to by it, as they were in the same bucket.
func TestSlotKeepsFewOthers(t *testing.T) {
	const keys, most = 100, 50
	s := open(t, 0)
	toks := fill(t, s, "key", keys, time.Hour)
	held := s.Slot("key0")
	var slots []weak.Pointer[atomictoken.Slot]
	for i, tok := range toks {
		key := fmt.Sprint("key", i)
		slots = append(slots, weak.Make(s.Slot(key)))
		if err := s.CompareAndDelete(t.Context(), key, tok); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.GC()
	left := 0
	for _, slot := range slots {
		if slot.Value() != nil {
			left++
		}
	}
	if left > most {
		t.Errorf("%d of %d removed entries are left, want %d at most", left, keys, most)
	}
	runtime.KeepAlive(s)
	runtime.KeepAlive(held)
}
