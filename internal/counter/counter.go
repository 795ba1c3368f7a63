// Package counter has a counter for hot paths. It is striped, so that cores which add
// at once do not share a cache line; reading sums up the stripes.
package counter

import (
	"sync"
	"sync/atomic"
)

const stripes = 16

// Counter is a striped counter, safe for concurrent use. The zero value is ready to use; it
// must not be copied after first use.
type Counter struct {
	stripe [stripes]struct {
		n atomic.Uint64
		_ [120]byte // each has its own pair of cache lines, which are prefetched together
	}
}

// Inc adds one.
func (c *Counter) Inc() {
	p := places.Get().(*place)
	c.stripe[p.stripe].n.Add(1)
	places.Put(p)
}

// Load returns the sum. Concurrent calls of Inc may or may not be in it.
func (c *Counter) Load() (sum uint64) {
	for i := range c.stripe {
		sum += c.stripe[i].n.Load()
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
