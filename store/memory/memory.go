// Package memory is a store of tokens in this process: bounded, and as fast as
// loading a pointer.
//
// Use it for the tokens of one process, or as the near store of store/tiered. A
// hit takes no lock, allocates nothing, reads no clock and, but for a mark when the
// entry has none, writes nothing. Writes are serialised.
//
// A token stays until its expiry, when the store's one timer removes it;
// until it is deleted; or until more than Config.Capacity identities are stored. Then
// those have to go that are asked for least: with any number of cores and however busy
// they are, one that is asked for all the time stays, and those that come once displace
// each other. Who is not kept is an honest miss on the next Get: nothing is lost but the
// speed of a hit. A ristretto cache sees to the bound.
//
//	s, err := memory.New(memory.Config{})
//	…
//	defer s.Close()
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the
// stores work together.
package memory

import (
	"errors"
	"fmt"
)

// ErrClosed is what a Store answers after Close. It is not a miss: nobody should
// fetch a token to put it into a store that is gone.
var ErrClosed = errors.New("memory: the store is closed")

const (
	defaultCapacity = 100_000
	maxCapacity     = 10_000_000
)

// Config says how large a Store is. The zero value is ready to use.
type Config struct {
	// Capacity is how many identities (keys) have a token here at once, at most.
	// Zero means 100,000; negative, or more than 10,000,000, is an error.
	//
	// Give it more than there are identities: at the limit one of them has to go for
	// each newcomer, or the newcomer is turned away. 12 to 24 bytes are set aside for
	// each, used or not, and about 180 more (and the token) for each that is used.
	Capacity int
}

func (c Config) capacity() (int, error) {
	if c.Capacity < 0 || c.Capacity > maxCapacity {
		return 0, fmt.Errorf("memory: Capacity is %d, must be 0 (for %d) to %d", c.Capacity, defaultCapacity, maxCapacity)
	}
	if c.Capacity == 0 {
		return defaultCapacity, nil
	}
	return c.Capacity, nil
}

// Stats counts what a Store did since New.
type Stats struct {
	Tokens   int    // tokens in the store now; those of a closed store are gone
	Evicted  uint64 // tokens that had to make room for another identity's
	Rejected uint64 // tokens not kept because every other identity was asked for meanwhile
	Expired  uint64 // tokens that were here at their expiry
}
