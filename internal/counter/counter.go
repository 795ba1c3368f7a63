// Package counter counts events on a hot path: many cores add without getting in
// each other's way, reading is rare and sums up.
package counter

import (
	"sync"
	"sync/atomic"
)

const stripes = 16

// Counter is a count that is cheap to add to from many goroutines. The zero value
// is ready to use; it must not be copied after first use.
type Counter struct {
	stripe [stripes]struct {
		n atomic.Uint64
		_ [120]byte // a cache line, and its neighbour that is fetched with it, for each
	}
}

// Inc adds one.
func (c *Counter) Inc() {
	p := places.Get().(*place)
	c.stripe[p.stripe].n.Add(1)
	places.Put(p)
}

// Load returns the sum. Events that happen meanwhile may or may not be in it.
func (c *Counter) Load() (sum uint64) {
	for i := range c.stripe {
		sum += c.stripe[i].n.Load()
	}
	return sum
}

// place is where a core adds, in every Counter.
type place struct{ stripe int }

var (
	// places hands out on a core what was put back there, which is how each core comes
	// to have a place of its own: taken at random, the stripes travel from core to core.
	places = sync.Pool{New: func() any { return &all[newest.Add(1)%stripes] }}
	newest atomic.Uint32
	all    = func() (all [stripes]place) {
		for i := range all {
			all[i].stripe = i
		}
		return all
	}()
)
