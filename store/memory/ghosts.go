package memory

import "hash/maphash"

// ghosts remembers which keys were evicted or rejected lately, by a fingerprint of 32 bits.
// A key has one place, by its hash, which a later key with the same place takes over.
type ghosts struct {
	capacity int
	prints   []uint32 // allocated with the first key; a power of two
	seed     maphash.Seed
}

func (g *ghosts) add(key string) {
	if g.prints == nil {
		g.prints, g.seed = make([]uint32, powerOfTwo(g.capacity)), maphash.MakeSeed()
	}
	place, print := g.locate(key)
	*place = print
}

// remove forgets a key, and reports whether it was there.
func (g *ghosts) remove(key string) bool {
	if g.prints == nil {
		return false
	}
	place, print := g.locate(key)
	if *place != print {
		return false
	}
	*place = 0
	return true
}

func (g *ghosts) locate(key string) (place *uint32, print uint32) {
	h := maphash.String(g.seed, key)
	return &g.prints[h&uint64(len(g.prints)-1)], uint32(h>>32) | 1 // zero is no key
}
