package memory

import (
	"sync"

	"github.com/dgraph-io/ristretto/v2"
)

// bound is a ristretto cache of the entries in probation, which evicts what is too much.
//
// ristretto applies writes on a goroutine of its own, which on a busy core has no turn for as
// long as tens of milliseconds. So no method here is called under the writers' lock but
// takeEvicted, which does not wait for it, and the queue is exact without it.
//
// ristretto could also choose what to evict. But its TinyLFU counts lookups on such a goroutine
// too, and drops those that arrive while that one has no turn: with one core, or with busy
// ones, it knows next to nothing of them. So policy makes room first.
type bound struct {
	mu    sync.RWMutex // closing waits for apply: ristretto panics if a Set meets Close
	cache *ristretto.Cache[string, *entry]

	// Written by ristretto's callbacks, on its goroutine.
	evictions sync.Mutex
	evicted   []*entry
}

// newBound makes the cache, which is two goroutines and a quarter of a megabyte; nil if
// ristretto refuses.
func newBound(capacity int) *bound {
	b := new(bound)
	evict := func(item *ristretto.Item[*entry]) {
		b.evictions.Lock()
		defer b.evictions.Unlock()
		if item.Value != nil { // Del takes the value out at once, and the key later
			b.evicted = append(b.evicted, item.Value)
		}
	}
	cache, err := ristretto.NewCache(&ristretto.Config[string, *entry]{
		NumCounters: 1000,                              // for TinyLFU, which is not used
		MaxCost:     int64(capacity) + 4*changesAtOnce, // writers apply theirs in any order
		BufferItems: 64,
		// Without it each entry costs 56 more, and a cache for 56 keeps nothing.
		IgnoreInternalCost: true,
		// Entries have no TTL here (ristretto's sweep can take an entry that was renewed
		// meanwhile), so its ticker need not tick: once in 68 years.
		TtlTickerDurationInSec: 1 << 32,
		// A callback must not call ristretto: it would wait for itself.
		OnEvict:  evict,
		OnReject: evict,
	})
	if err != nil {
		return nil // every new entry is rejected, and counted as such
	}
	b.cache = cache
	return b
}

// apply applies changes. It waits for ristretto only if that is 32,768 of them behind. After close
// ristretto takes none.
func (b *bound) apply(changes []change) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, c := range changes {
		if c.left {
			b.cache.Del(c.entry.key)
		} else {
			b.cache.Set(c.entry.key, c.entry, 1)
		}
	}
}

// takeEvicted returns what ristretto has evicted or rejected since the last call.
func (b *bound) takeEvicted() []*entry {
	b.evictions.Lock()
	defer b.evictions.Unlock()
	evicted := b.evicted
	b.evicted = nil
	return evicted
}

// close ends ristretto's goroutines, and waits for that.
func (b *bound) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cache.Close()
}
