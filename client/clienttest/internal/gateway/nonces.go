package gateway

import "sync"

// noncesKept is how many nonces are remembered: those of a long and busy test, in one
// or two megabytes at most.
const noncesKept = 10_000

// nonces are the last ones that have arrived.
type nonces struct {
	mu   sync.Mutex
	seen map[string]bool
	ring []string
	next int // where the oldest one is, once the ring is full
}

// add records a nonce and reports whether it is new.
func (n *nonces) add(nonce string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen[nonce] {
		return false
	}
	if n.seen == nil {
		n.seen = make(map[string]bool)
	}
	n.seen[nonce] = true
	if len(n.ring) < noncesKept {
		n.ring = append(n.ring, nonce)
		return true
	}
	delete(n.seen, n.ring[n.next])
	n.ring[n.next] = nonce
	n.next = (n.next + 1) % noncesKept
	return true
}
