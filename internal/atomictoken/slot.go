package atomictoken

import (
	"sync/atomic"

	"github.com/advoware-go/advoware/store"
)

// Slot is where a near store keeps the token of one key until it removes it: by expiry, by
// deletion or by eviction. Then it is empty, and stays so; a renewal replaces the token in
// it. Who has the Slot of a key has its token without a lookup.
//
// The zero value is empty. It is safe for concurrent use and must not be copied after first
// use.
type Slot struct {
	Token
	accessed atomic.Bool // the CLOCK bit
}

// Hit returns the token, zero if the Slot is empty, and sets the CLOCK bit. A bit that is set
// is not written again, so that cores which share the Slot do not invalidate each other's
// cache line.
func (s *Slot) Hit() store.Token {
	if !s.accessed.Load() {
		s.accessed.Store(true)
	}
	return s.Load()
}

// Accessed reports whether the CLOCK bit is set: there was a hit since Forget.
func (s *Slot) Accessed() bool { return s.accessed.Load() }

// Forget clears the CLOCK bit.
func (s *Slot) Forget() { s.accessed.Store(false) }

// Held is the Slot of one key, as its user holds it. The zero value holds none, and finds none.
type Held struct {
	slot atomic.Pointer[Slot]
	// Find returns the Slot of a key, nil if it has none; set before the first use, or never.
	Find func(key string) *Slot
}

// Hit returns the token, zero if there is none in the Slot, or no Slot.
func (h *Held) Hit() store.Token {
	if s := h.slot.Load(); s != nil {
		return s.Hit()
	}
	return store.Token{}
}

// Look takes the Slot of key, unless it holds one that has a token. It is for those who have
// found a token by other means.
func (h *Held) Look(key string) {
	if h.Find != nil {
		h.look(key)
	}
}

//go:noinline
func (h *Held) look(key string) {
	if s := h.slot.Load(); s == nil || s.Load().IsZero() {
		h.slot.Store(h.Find(key))
	}
}

// Drop forgets the Slot, which keeps a part of its store alive.
func (h *Held) Drop() { h.slot.Store(nil) }
