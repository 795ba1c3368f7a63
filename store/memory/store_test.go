package memory_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/storetest"
)

var none store.Token

func open(t testing.TB, capacity int) *memory.Store {
	t.Helper()
	s, err := memory.New(memory.Config{Capacity: capacity})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func token(text string, life time.Duration) store.Token {
	tok, err := store.NewToken(text, time.Time{}, time.Now().Add(life))
	if err != nil {
		panic(err)
	}
	return tok
}

func swap(t testing.TB, s store.Store, key string, old, tok, stands store.Token) {
	t.Helper()
	if got, err := s.CompareAndSwap(t.Context(), key, old, tok); err != nil || got != stands {
		t.Fatalf("CompareAndSwap(%q, %v, %v) = %v, %v, want %v", key, old, tok, got, err, stands)
	}
}

// holds checks that Get finds exactly want, or ErrNotFound if that is zero.
func holds(t testing.TB, s store.Store, key string, want store.Token) {
	t.Helper()
	got, err := s.Get(t.Context(), key)
	if got != want || want.IsZero() && !errors.Is(err, store.ErrNotFound) || !want.IsZero() && err != nil {
		t.Fatalf("Get(%q) = %v, %v, want %v", key, got, err, want)
	}
}

func TestConformance(t *testing.T) {
	storetest.Run(t, storetest.Config{
		New:       func(t testing.TB) store.Store { return open(t, 0) },
		Tolerance: time.Microsecond,
		In:        synctest.Test,
	})
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		capacity int
		ok       bool
	}{{-1, false}, {0, true}, {1, true}, {10_000_001, false}} {
		s, err := memory.New(memory.Config{Capacity: c.capacity})
		if (err == nil) != c.ok {
			t.Errorf("New with capacity %d: error %v, want ok %v", c.capacity, err, c.ok)
		}
		if err == nil {
			s.Close()
		}
	}
}

// A hit and a miss do not allocate.
func TestNoAlloc(t *testing.T) {
	s := open(t, 0)
	for i := range 100 {
		tok := token(fmt.Sprint("tok", i), time.Hour)
		swap(t, s, fmt.Sprint("key", i), none, tok, tok)
	}
	for _, key := range []string{"key99", "key0", "absent"} {
		if n := testing.AllocsPerRun(1000, func() { s.Get(t.Context(), key) }); n != 0 {
			t.Errorf("Get(%q) allocates %v times", key, n)
		}
	}
}

// An expired token is not counted and takes no place.
func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, 2)
		for i, life := range []time.Duration{time.Second, time.Hour} {
			tok := token(fmt.Sprint("tok", i), life)
			swap(t, s, fmt.Sprint("key", i), none, tok, tok)
		}
		if got, want := s.Stats(), (memory.Stats{Tokens: 2}); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got, want := s.Stats(), (memory.Stats{Tokens: 1, Expired: 1}); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
	})
}

func TestClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left at its end
		s := open(t, 10)
		old := token("old", time.Minute)
		for i := range 10 {
			swap(t, s, fmt.Sprint("key", i), none, old, old)
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		if tok, err := s.Get(t.Context(), "key1"); err != memory.ErrClosed || !tok.IsZero() {
			t.Errorf("Get after Close = %v, %v, want ErrClosed", tok, err)
		}
		if tok, err := s.CompareAndSwap(t.Context(), "key1", old, token("new", time.Hour)); err != memory.ErrClosed || !tok.IsZero() {
			t.Errorf("CompareAndSwap after Close = %v, %v, want ErrClosed", tok, err)
		}
		if err := s.CompareAndDelete(t.Context(), "key1", old); err != memory.ErrClosed {
			t.Errorf("CompareAndDelete after Close: %v, want ErrClosed", err)
		}
		if got := s.Stats().Tokens; got != 0 {
			t.Errorf("Tokens after Close = %d", got)
		}
		time.Sleep(time.Hour) // no timer is left either
	})
}

// ristretto panics when Close meets a Set, a Wait, a Get or another Close.
func TestCloseAgainstEverything(t *testing.T) {
	for round := range 50 {
		s := open(t, 10)
		begin := make(chan struct{})
		var group sync.WaitGroup
		for g := range 4 {
			group.Go(func() {
				<-begin
				for i := range 200 {
					key := fmt.Sprint("key", (g+i)%20)
					tok := token(fmt.Sprint("tok", g, "-", i), time.Duration(1+i%3*500)*time.Microsecond)
					stands, err := s.CompareAndSwap(t.Context(), key, none, tok)
					if err != nil && err != memory.ErrClosed && !errors.Is(err, store.ErrUnusable) {
						t.Errorf("CompareAndSwap: %v", err)
					}
					if _, err := s.Get(t.Context(), key); err != nil && err != store.ErrNotFound && err != memory.ErrClosed {
						t.Errorf("Get: %v", err)
					}
					if err := s.CompareAndDelete(t.Context(), key, stands); err != nil && err != memory.ErrClosed {
						t.Errorf("CompareAndDelete: %v", err)
					}
					s.Stats()
				}
			})
		}
		for range 2 {
			group.Go(func() {
				<-begin
				for range round {
					s.Stats()
				}
				s.Close()
				if _, err := s.Get(t.Context(), "key1"); err != memory.ErrClosed {
					t.Errorf("Get after Close: %v, want ErrClosed", err)
				}
			})
		}
		close(begin)
		group.Wait()
	}
}
