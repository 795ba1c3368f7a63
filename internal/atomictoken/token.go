// Package atomictoken has a store.Token that goroutines read and replace without a lock.
package atomictoken

import (
	"sync/atomic"
	"unsafe"

	"github.com/advoware-go/advoware/store"
)

// Token holds a store.Token. The zero value holds none. It is safe for concurrent use and
// must not be copied after first use.
//
// A store.Token is one pointer to an immutable value, but only package store can name its
// type. An atomic.Value would hold it as well, and makes a hit in store/memory a quarter
// slower; an atomic.Pointer[store.Token] needs an allocation and one more load.
type Token struct {
	_ [0]atomic.Uint64 // so that go vet finds copies
	p unsafe.Pointer
}

// It does not compile if a store.Token is not one word.
var _ [unsafe.Sizeof(uintptr(0))]byte = [unsafe.Sizeof(store.Token{})]byte{}

// Load returns the token, zero if there is none.
func (t *Token) Load() store.Token {
	p := atomic.LoadPointer(&t.p)
	return *(*store.Token)(unsafe.Pointer(&p))
}

// Store replaces the token; the zero store.Token empties it.
func (t *Token) Store(tok store.Token) {
	atomic.StorePointer(&t.p, *(*unsafe.Pointer)(unsafe.Pointer(&tok)))
}

// Swap replaces the token and returns the one before.
func (t *Token) Swap(tok store.Token) store.Token {
	p := atomic.SwapPointer(&t.p, *(*unsafe.Pointer)(unsafe.Pointer(&tok)))
	return *(*store.Token)(unsafe.Pointer(&p))
}
