// Package inuse records whether something is in use, in one word that each use reads.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package inuse

import "sync/atomic"

// Mark is whether a token is in use. A use learns by one load that there is nothing to do,
// and that its owner has not been closed. The zero value is not in use.
type Mark struct{ state atomic.Uint32 }

const (
	idle uint32 = iota // not since the last renewal
	busy
	over // its owner was closed, for ever
)

// Busy reports whether it is in use.
func (m *Mark) Busy() bool { return m.state.Load() == busy }

// Begin notes a use, and reports whether it is the first one, or the first after Forget.
func (m *Mark) Begin() bool { return m.state.CompareAndSwap(idle, busy) }

// Forget lets the next use count as the first one.
func (m *Mark) Forget() { m.state.CompareAndSwap(busy, idle) }

// Close ends it: it is never in use again.
func (m *Mark) Close() { m.state.Store(over) }
