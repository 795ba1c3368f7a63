package memory

import (
	"hash/maphash"
	"math/bits"
	"sync/atomic"
)

// table is a hash table with chaining. Readers take no lock and never wait; writers are
// serialised by the store.
//
// It grows as it is filled, to twice its size each time. No write moves all entries: each
// insertion moves a few buckets, and until they all are moved, what is not found in the new
// buckets is looked up in the old ones. An entry has links for two sizes, so that a reader in
// the old buckets is not disturbed by the move. One that is slower than a whole move, so that
// the links are in use again, may be led into another chain, which ends too; it notices that
// the table has grown, and begins again.
type table struct {
	seed    maphash.Seed
	largest int // number of buckets
	len     int // of entries
	moved   int // buckets of the old ones
	buckets atomic.Pointer[buckets]
}

// buckets is the table at one of its sizes, which are powers of two.
type buckets struct {
	first []atomic.Pointer[entry]
	link  int                     // the index of entry.next, 0 or 1: not that of the size before
	old   atomic.Pointer[buckets] // from which entries are still to be moved; nil when that is done
}

const (
	smallTable = 64
	moveAtOnce = 8 // buckets, for each insertion; 2 would do to be done before the next growth
)

func (t *table) init(capacity int) {
	t.seed, t.largest = maphash.MakeSeed(), powerOfTwo(max(capacity, smallTable))
	t.buckets.Store(&buckets{first: make([]atomic.Pointer[entry], smallTable)})
}

// powerOfTwo returns the least power of two that is not below n.
func powerOfTwo(n int) int { return 1 << bits.Len(uint(n-1)) }

func (b *buckets) at(hash uint64) *atomic.Pointer[entry] {
	return &b.first[hash&uint64(len(b.first)-1)]
}

func (b *buckets) find(hash uint64, key string) *entry {
	e := b.at(hash).Load()
	for e != nil && e.key != key {
		e = e.next[b.link&1].Load()
	}
	return e
}

// find returns the entry of key, nil if there is none.
func (t *table) find(key string) *entry {
	hash := maphash.String(t.seed, key)
	for {
		b := t.buckets.Load()
		old := b.old.Load() // first: what is moved after that is found here
		e := b.find(hash, key)
		if e == nil && old != nil {
			e = old.find(hash, key)
		}
		if e != nil || t.buckets.Load() == b {
			return e
		}
	}
}

// insert adds an entry whose key is not in the table.
func (t *table) insert(e *entry) {
	b := t.buckets.Load()
	if old := b.old.Load(); old != nil {
		t.move(b, old)
	} else if t.len >= len(b.first)/2 && len(b.first) < t.largest { // most chains have one entry
		b = t.grow(b)
	}
	t.len++
	b.insert(maphash.String(t.seed, e.key), e)
}

func (b *buckets) insert(hash uint64, e *entry) {
	first := b.at(hash)
	e.next[b.link].Store(first.Load())
	first.Store(e)
}

// grow makes buckets twice as many, which have no entries yet.
func (t *table) grow(old *buckets) *buckets {
	b := &buckets{first: make([]atomic.Pointer[entry], 2*len(old.first)), link: 1 - old.link}
	b.old.Store(old)
	t.moved = 0
	t.buckets.Store(b)
	return b
}

// move moves the entries of a few buckets. They stay in the old ones too, for their readers.
func (t *table) move(b, old *buckets) {
	for range moveAtOnce {
		if t.moved == len(old.first) {
			b.old.Store(nil)
			return
		}
		for e := old.first[t.moved].Load(); e != nil; e = e.next[old.link].Load() {
			b.insert(maphash.String(t.seed, e.key), e)
		}
		t.moved++
	}
}

// remove takes out an entry that is in the table. The entry keeps its links, so that a
// reader that has reached it can go on.
func (t *table) remove(e *entry) {
	t.len--
	hash, b := maphash.String(t.seed, e.key), t.buckets.Load()
	b.remove(hash, e)
	if old := b.old.Load(); old != nil {
		old.remove(hash, e)
	}
}

// remove takes e out, if it is there.
func (b *buckets) remove(hash uint64, e *entry) {
	link := b.at(hash)
	for there := link.Load(); there != nil; there = link.Load() {
		if there == e {
			link.Store(e.next[b.link].Load())
			return
		}
		link = &there.next[b.link]
	}
}

// clear removes all entries.
func (t *table) clear() {
	t.len = 0
	t.buckets.Store(&buckets{first: make([]atomic.Pointer[entry], 1)})
}
