package token

import "sync/atomic"

// use is whether the token is in use. It is one word, so that a hit learns by one load
// that there is nothing to do and that the Source has not been closed.
type use struct{ state atomic.Uint32 }

const (
	idle uint32 = iota // not since the last renewal
	busy
	over // the Source was closed, for ever
)

func (u *use) busy() bool { return u.state.Load() == busy }

// begin notes that the token is used, and reports whether this is the first time since
// the last renewal.
func (u *use) begin() bool { return u.state.CompareAndSwap(idle, busy) }

// forget lets the next use count as the first one.
func (u *use) forget() { u.state.CompareAndSwap(busy, idle) }

func (u *use) close() { u.state.Store(over) }
