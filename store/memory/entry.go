package memory

import (
	"hash/maphash"
	"math/bits"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/store"
)

// entry is one identity that has a token. A renewal replaces the token, never the
// entry. An entry that was removed does not come back: a reader who still holds it
// began before that, and may have its token.
type entry struct {
	key   string
	tok   atomictoken.Token
	asked atomic.Bool // since the policy looked last; a hit sets it if it is not set

	// The writers' own:
	recent       bool          // it is in the policy's queue of that name
	place        int32         // in the deadlines
	due          time.Duration // when to look whether the token has ended, on the store's clock
	older, newer *entry        // in its queue of the policy

	next atomic.Pointer[entry] // in the same bucket of the table
}

// ask returns the token, and leaves a mark that somebody wants it: a write once in a
// while, so that cores do not get in each other's way.
func (e *entry) ask() store.Token {
	if !e.asked.Load() {
		e.asked.Store(true)
	}
	return e.tok.Load()
}

// table finds entries by key. Readers need no lock and never wait; writers are
// serialised by the store. It has its final size from the start, because the
// store is bounded: that keeps the reader's way to two loads and a compare.
type table struct {
	seed    maphash.Seed
	buckets []atomic.Pointer[entry] // a power of two
}

func newTable(capacity int) table {
	return table{maphash.MakeSeed(), make([]atomic.Pointer[entry], powerOfTwo(capacity))}
}

// powerOfTwo returns the least one that is not below n.
func powerOfTwo(n int) int { return 1 << bits.Len(uint(n-1)) }

func (t *table) bucket(key string) *atomic.Pointer[entry] {
	return &t.buckets[maphash.String(t.seed, key)&uint64(len(t.buckets)-1)]
}

// find returns the entry of key, nil if there is none.
func (t *table) find(key string) *entry {
	e := t.bucket(key).Load()
	for e != nil && e.key != key {
		e = e.next.Load()
	}
	return e
}

// insert adds an entry that is not there yet. A reader sees it whole or not at all.
func (t *table) insert(e *entry) {
	b := t.bucket(e.key)
	e.next.Store(b.Load())
	b.Store(e)
}

// remove takes out an entry that is there. It keeps its next, so that a reader
// who stands on it finds the way on.
func (t *table) remove(e *entry) {
	link := t.bucket(e.key)
	for at := link.Load(); at != e; at = link.Load() {
		link = &at.next
	}
	link.Store(e.next.Load())
}
