package redis

import (
	"errors"
	"sync/atomic"

	"github.com/advoware-go/advoware/store"
)

// Stats are the counters of a [Store] since it was made.
type Stats struct {
	Hits   uint64 // Gets that returned a token
	Absent uint64 // Gets that found nothing

	// Gets, and acquisitions of the lease, that found an unusable value, by what is wrong
	// with it.
	WrongType uint64 // another type than a string
	NoTTL     uint64 // it would never end
	Ended     uint64 // it ended while it was read
	Empty     uint64
	TooLong   uint64 // over store.MaxTokenBytes
	BadBytes  uint64 // a byte outside visible ASCII

	Writes   uint64 // tokens written
	Identity uint64 // operations that met the token of another identity
	Errors   uint64 // operations that failed in any other way, their context included
}

// Unusable returns the number of unusable values of all kinds.
func (s Stats) Unusable() uint64 {
	return s.WrongType + s.NoTTL + s.Ended + s.Empty + s.TooLong + s.BadBytes
}

// Stats returns the counters. Each is exact; together they are not one instant.
func (s *Store) Stats() Stats {
	c := &s.counters
	return Stats{
		Hits:      c.hits.Load(),
		Absent:    c.absent.Load(),
		WrongType: c.unusable[wrongType].Load(),
		NoTTL:     c.unusable[noTTL].Load(),
		Ended:     c.unusable[ended].Load(),
		Empty:     c.unusable[empty].Load(),
		TooLong:   c.unusable[tooLong].Load(),
		BadBytes:  c.unusable[badBytes].Load(),
		Writes:    c.writes.Load(),
		Identity:  c.identity.Load(),
		Errors:    c.errors.Load(),
	}
}

type counters struct {
	hits, absent, writes, identity, errors atomic.Uint64

	unusable [reasons]atomic.Uint64
}

// reason counts an unusable value, if one was found.
func (c *counters) reason(f reason, found bool) {
	if found {
		c.unusable[f].Add(1)
	}
}

// get counts the end of a Get.
func (c *counters) get(err error) {
	if err == nil {
		c.hits.Add(1)
		return
	}
	var f reason
	switch {
	case errors.As(err, &f):
		c.unusable[f].Add(1)
	case errors.Is(err, store.ErrNotFound):
		c.absent.Add(1)
	default:
		c.write(err)
	}
}

// write counts the end of an operation that writes.
func (c *counters) write(err error) {
	switch {
	case err == nil:
	case errors.Is(err, store.ErrIdentity):
		c.identity.Add(1)
	default:
		c.errors.Add(1)
	}
}
