package store

import "sync/atomic"

// AtomicToken is a Token that goroutines read and replace without a lock, for
// stores that want a hit to cost one load. The zero value holds no token. It
// must not be copied after first use.
type AtomicToken struct{ p atomic.Pointer[token] }

// Load returns the token, zero if there is none.
func (a *AtomicToken) Load() Token { return Token{a.p.Load()} }

// Store replaces the token; the zero Token empties it.
func (a *AtomicToken) Store(t Token) { a.p.Store(t.p) }

// CompareAndSwap replaces old with t if exactly that copy (==, not Equal) is
// still there.
func (a *AtomicToken) CompareAndSwap(old, t Token) bool { return a.p.CompareAndSwap(old.p, t.p) }
