// Package counter has a counter for hot paths. It is striped as soon as cores add to it at
// once, so that they do not share a cache line then; reading sums up the stripes.
package counter

import (
	"sync"
	"sync/atomic"
)

const stripes = 16

// Counter is a counter, safe for concurrent use. It has one word, and 2 KB once it was added to
// by two cores at the same moment. The zero value is ready to use; it must not be copied after
// first use.
type Counter struct {
	first  atomic.Uint64 // until then
	stripe atomic.Pointer[[stripes]stripe]
}

type stripe struct {
	n atomic.Uint64
	_ [120]byte // each has its own pair of cache lines, which are prefetched together
}

// Inc adds one.
func (c *Counter) Inc() {
	all := c.stripe.Load()
	if all == nil {
		if n := c.first.Load(); c.first.CompareAndSwap(n, n+1) {
			return
		}
		all = c.contended()
	}
	p := places.Get().(*place)
	all[p.stripe].n.Add(1)
	places.Put(p)
}

// contended returns the stripes, which are made by the first that wants them.
func (c *Counter) contended() *[stripes]stripe {
	c.stripe.CompareAndSwap(nil, new([stripes]stripe))
	return c.stripe.Load()
}

// Load returns the sum. Concurrent calls of Inc may or may not be in it.
func (c *Counter) Load() (sum uint64) {
	sum = c.first.Load()
	if all := c.stripe.Load(); all != nil {
		for i := range all {
			sum += all[i].n.Load()
		}
	}
	return sum
}

// place is the stripe of a core, in every Counter.
type place struct{ stripe int }

var (
	// places is a sync.Pool because that returns on a core what was put back there: each
	// core keeps its stripe. Stripes drawn at random would move between cores.
	places = sync.Pool{New: func() any { return &all[newest.Add(1)%stripes] }}
	newest atomic.Uint32
	all    = func() (all [stripes]place) {
		for i := range all {
			all[i].stripe = i
		}
		return all
	}()
)
