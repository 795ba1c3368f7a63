package store_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/advoware-go/advoware/store"
)

func TestAtomicToken(t *testing.T) {
	var a store.AtomicToken
	first, second := newToken(t, "first"), newToken(t, "second")
	if got := a.Load(); !got.IsZero() {
		t.Fatalf("the zero value holds %v", got)
	}
	if a.CompareAndSwap(first, second) {
		t.Error("swapped a token that was not there")
	}
	if !a.CompareAndSwap(store.Token{}, first) || a.Load() != first {
		t.Errorf("not swapped in: %v", a.Load())
	}
	if a.CompareAndSwap(newToken(t, "first"), second) || a.Load() != first {
		t.Errorf("swapped for an equal token that is another copy: %v", a.Load())
	}
	if !a.CompareAndSwap(first, second) || a.Load() != second {
		t.Errorf("not swapped: %v", a.Load())
	}
	a.Store(first)
	if got := a.Load(); got != first {
		t.Errorf("not stored: %v", got)
	}
	a.Store(store.Token{})
	if got := a.Load(); !got.IsZero() {
		t.Errorf("not emptied: %v", got)
	}
}

func TestAtomicTokenSwapsOnce(t *testing.T) {
	for range 100 {
		var a store.AtomicToken
		var wins atomic.Int32
		var won store.AtomicToken
		var wg sync.WaitGroup
		for i := range 8 {
			tok := newToken(t, strconv.Itoa(i))
			wg.Go(func() {
				if a.CompareAndSwap(store.Token{}, tok) {
					wins.Add(1)
					won.Store(tok)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 || a.Load() != won.Load() {
			t.Fatalf("%d won, %v stands, %v won", wins.Load(), a.Load(), won.Load())
		}
	}
}

func TestAtomicTokenNoAlloc(t *testing.T) {
	var a store.AtomicToken
	tok, other := newToken(t, "token"), newToken(t, "other")
	if n := testing.AllocsPerRun(100, func() {
		a.Store(tok)
		a.CompareAndSwap(tok, other)
		if a.Load() != other {
			t.Error("not swapped")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
