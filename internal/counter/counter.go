// Package counter counts events on a hot path: many cores add without getting in
// each other's way, reading is rare and sums up.
package counter

import (
	"math/rand/v2"
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
func (c *Counter) Inc() { c.stripe[rand.Uint32()%stripes].n.Add(1) }

// Load returns the sum. Events that happen meanwhile may or may not be in it.
func (c *Counter) Load() (sum uint64) {
	for i := range c.stripe {
		sum += c.stripe[i].n.Load()
	}
	return sum
}
