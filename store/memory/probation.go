package memory

import "github.com/dgraph-io/ristretto/v2"

// probation is the queue of new entries in a full store. A ristretto cache bounds it.
//
// ristretto is asynchronous: a Set is buffered, and may be dropped or rejected later. Here
// every method runs under the writers' lock, and push waits until its Set is applied. So
// the buffer never holds a Set that another write, or Close, could race with.
//
// ristretto could also choose what to evict. But its TinyLFU counts lookups on a goroutine
// of its own and drops those that arrive while that one has no turn: with one core, or
// with busy ones, it knows next to nothing of them. So policy makes room first.
type probation struct {
	queue
	capacity int
	cache    *ristretto.Cache[string, *entry] // nil until the store is full for the first time

	// Written by ristretto's callback, on its goroutine, while push waits for it.
	evicted []*entry
}

func (p *probation) full() bool { return p.len >= p.capacity }

// push adds an entry unless ristretto rejects it, and returns the entries that ristretto
// evicted for it.
func (p *probation) push(e *entry) (evicted []*entry, admitted bool) {
	if p.cache == nil && !p.open() {
		return nil, false
	}
	p.evicted = nil
	p.cache.Set(e.key, e, 1)
	p.cache.Wait()
	for _, v := range p.evicted {
		v.probation = false
		p.queue.remove(v)
	}
	// Set reports true for an entry that is rejected later, so look.
	there, ok := p.cache.Get(e.key)
	if admitted = ok && there == e; admitted {
		e.probation = true
		p.queue.push(e)
	}
	return p.evicted, admitted
}

// remove takes an entry out. It need not wait: a later Set is applied after the Del.
func (p *probation) remove(e *entry) {
	e.probation = false
	p.queue.remove(e)
	p.cache.Del(e.key)
}

// open makes the cache, which is two goroutines and a quarter of a megabyte.
func (p *probation) open() bool {
	cache, err := ristretto.NewCache(&ristretto.Config[string, *entry]{
		NumCounters: 1000, // for TinyLFU, which is not used
		MaxCost:     int64(p.capacity),
		BufferItems: 64,
		// Without it each entry costs 56 more, and a cache for 56 keeps nothing.
		IgnoreInternalCost: true,
		// Entries have no TTL here (ristretto's sweep can take an entry that was renewed
		// meanwhile), so its ticker need not tick: once in 68 years.
		TtlTickerDurationInSec: 1 << 32,
		// A callback must not call ristretto: it would wait for itself.
		OnEvict: func(item *ristretto.Item[*entry]) { p.evicted = append(p.evicted, item.Value) },
	})
	if err != nil {
		return false // every new entry is rejected, and counted as such
	}
	p.cache = cache
	return true
}

func (p *probation) close() {
	if p.cache != nil {
		p.cache.Close()
	}
}
