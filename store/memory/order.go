package memory

import "hash/maphash"

// order decides which entry is evicted. Of each it knows one thing, whether it was asked
// for since it was looked at last: that is all that a hit can afford to tell. Two
// published ideas make that enough.
//
// A hand goes through the queue main from the oldest entry to the newest and around. It
// passes those that were asked for since its last round; the first that was not is
// evicted (SIEVE: Zhang and others, NSDI 2024).
//
// Once the store is full, a new entry begins in a short queue of its own, so that many
// identities that come once displace each other and no others. One that was asked for by
// the time it is the oldest there moves to main. One that comes again soon after it was
// evicted goes there at once (S3-FIFO: Yang and others, SOSP 2023).
type order struct {
	capacity, share int // of all, and how long recent is when the store is full
	recent, main    queue
	hand            *entry // in main, the next to look at; nil: its oldest

	// Fingerprints of the entries that were evicted lately. The hash of the key is the
	// place, and a later one takes it from an earlier one.
	gone []uint32
	seed maphash.Seed
}

// looks is how many entries victim looks at, at most, and as many again in recent if all
// of them were asked for: other writers wait meanwhile.
const looks = 8

func newOrder(capacity int) order {
	return order{
		capacity: capacity,
		share:    max(1, capacity/20),
		gone:     make([]uint32, powerOfTwo(capacity)),
		seed:     maphash.MakeSeed(),
	}
}

func (o *order) full() bool { return o.recent.len+o.main.len >= o.capacity }

// add puts a new entry in its queue. There must be room; crowded says that another one was
// evicted for it. Otherwise there is nobody to be protected from it.
func (o *order) add(e *entry, crowded bool) {
	place, print := o.trace(e)
	if *place == print {
		*place = 0
	} else if crowded {
		e.recent = true
		o.recent.push(e)
		return
	}
	o.main.push(e)
}

// victim returns the entry to be evicted, nil if all that it looked at were asked for.
func (o *order) victim() *entry {
	for n := range 2 * looks {
		e := o.hand
		if o.recent.len >= o.share || o.recent.len > 0 && n >= looks {
			e = o.recent.oldest
		} else if e == nil {
			e = o.main.oldest
		}
		switch {
		case e == nil:
			return nil
		case !e.asked.Load():
			return e
		case e.recent:
			o.recent.remove(e)
			o.main.push(e)
			e.asked.Store(false)
			e.recent = false
		default:
			o.hand = e.newer
			e.asked.Store(false)
		}
	}
	return nil
}

// remove takes an entry out of its queue.
func (o *order) remove(e *entry) {
	if e.recent {
		o.recent.remove(e)
		return
	}
	if o.hand == e {
		o.hand = e.newer
	}
	o.main.remove(e)
}

// remember notes that an entry was evicted, or not let in.
func (o *order) remember(e *entry) {
	place, print := o.trace(e)
	*place = print
}

// trace returns where and as what an entry is remembered.
func (o *order) trace(e *entry) (place *uint32, print uint32) {
	h := maphash.String(o.seed, e.key)
	return &o.gone[h&uint64(len(o.gone)-1)], uint32(h>>32) | 1 // zero is no entry
}
