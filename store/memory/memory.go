// Package memory is a bounded store of tokens in this process. A hit takes a few
// nanoseconds.
//
// Use it for the tokens of one process, or as the near store of store/tiered. A hit takes
// no lock, does not allocate and reads no clock; it writes one bit, and only if the bit is
// not set yet. Writes are serialised.
//
// A token stays until its expiry (TTL), when the store's one timer removes it; until it is
// deleted; or until it is evicted, because there are more than Config.Capacity keys. Then
// SIEVE, a kind of CLOCK, evicts the keys that were not accessed lately, and new keys are
// on probation first, so that keys which come once evict only each other. That holds with
// any number of cores, under any load. An evicted token is a miss on the next Get.
//
// A ristretto cache alone would not do: it applies writes later, may drop them, has no
// compare-and-swap, and learns of lookups by lossy buffers. Here it bounds the new keys of
// a full store.
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

// ErrClosed is returned by a Store after Close. It is not a miss: nobody should fetch a
// token to put it into a closed store.
var ErrClosed = errors.New("memory: the store is closed")

// The default of Config.Capacity, and the most that it may be.
const (
	DefaultCapacity = 100_000
	MaxCapacity     = 10_000_000
)

// Config says how large a Store is. The zero value is ready to use.
type Config struct {
	// Capacity is the maximum number of keys (one for each identity) with a token.
	// Zero means 100,000; negative, or more than 10,000,000, is an error.
	//
	// Set it above the number of identities: in a full store each new key evicts
	// another one, or is rejected. A key takes about 100 bytes besides its name and its
	// token. For keys that are not there nothing is allocated; a store that has been
	// full once takes 4 to 8 bytes more for each of Capacity.
	Capacity int
}

func (c Config) capacity() (int, error) {
	if c.Capacity < 0 || c.Capacity > MaxCapacity {
		return 0, fmt.Errorf("memory: Capacity is %d, must be 0 (for %d) to %d", c.Capacity, DefaultCapacity, MaxCapacity)
	}
	if c.Capacity == 0 {
		return DefaultCapacity, nil
	}
	return c.Capacity, nil
}

// Stats counts what a Store did since New.
type Stats struct {
	Tokens   int    // tokens in the store now; zero after Close
	Evicted  uint64 // tokens evicted for that of another key
	Rejected uint64 // tokens of new keys that were not admitted
	Expired  uint64 // tokens removed at their expiry
}
