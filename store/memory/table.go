package memory

import (
	"hash/maphash"
	"math/bits"
	"sync/atomic"
)

// table is a hash table with chaining. Readers take no lock and never wait; writers are
// serialised by the store.
//
// It begins small, for the many processes that have few keys, and grows once, to the size
// for a full store. The entries have links of their own for each size, so that a reader in
// the small table is not disturbed. What it finds, or misses, there is what was true when
// it began.
type table struct {
	seed     maphash.Seed
	capacity int
	len      int // of the small table
	buckets  atomic.Pointer[buckets]
}

// buckets is the table at one of its sizes, which are powers of two.
type buckets struct {
	first []atomic.Pointer[entry]
	size  int // the index of entry.next: 0 for the small table, 1 for the full one
}

const smallTable = 64

func (t *table) init(capacity int) {
	t.seed, t.capacity = maphash.MakeSeed(), capacity
	t.buckets.Store(&buckets{first: make([]atomic.Pointer[entry], smallTable)})
}

// powerOfTwo returns the least power of two that is not below n.
func powerOfTwo(n int) int { return 1 << bits.Len(uint(n-1)) }

func (b *buckets) at(hash uint64) *atomic.Pointer[entry] {
	return &b.first[hash&uint64(len(b.first)-1)]
}

// find returns the entry of key, nil if there is none.
func (t *table) find(key string) *entry {
	b := t.buckets.Load()
	e := b.at(maphash.String(t.seed, key)).Load()
	for e != nil && e.key != key {
		e = e.next[b.size&1].Load()
	}
	return e
}

// insert adds an entry whose key is not in the table.
func (t *table) insert(e *entry) {
	b := t.buckets.Load()
	if b.size == 0 {
		if t.len == smallTable {
			b = t.grow(b)
		}
		t.len++
	}
	t.insertIn(b, e)
}

func (t *table) insertIn(b *buckets, e *entry) {
	first := b.at(maphash.String(t.seed, e.key))
	e.next[b.size].Store(first.Load())
	first.Store(e)
}

// grow replaces the small table by the full one.
func (t *table) grow(small *buckets) *buckets {
	full := &buckets{first: make([]atomic.Pointer[entry], powerOfTwo(max(t.capacity, smallTable))), size: 1}
	for i := range small.first {
		for e := small.first[i].Load(); e != nil; e = e.next[0].Load() {
			t.insertIn(full, e)
		}
	}
	t.buckets.Store(full)
	return full
}

// remove takes out an entry that is in the table. The entry keeps its links, so that a
// reader that has reached it can go on.
func (t *table) remove(e *entry) {
	b := t.buckets.Load()
	if b.size == 0 {
		t.len--
	}
	link := b.at(maphash.String(t.seed, e.key))
	for there := link.Load(); there != e; there = link.Load() {
		link = &there.next[b.size]
	}
	link.Store(e.next[b.size].Load())
}

// clear removes all entries.
func (t *table) clear() {
	t.len = 0
	t.buckets.Store(&buckets{first: make([]atomic.Pointer[entry], 1)})
}
