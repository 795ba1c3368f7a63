// Package toggle keeps something running for as long as it is wanted, where starting and
// stopping it may call back.
//
// Everything here is safe for concurrent use.
package toggle

import "sync"

// Toggle is off at first. The zero value is ready to use.
//
// Start and stop are called by one goroutine at a time and without a lock, so that they may
// call Set. A change of what is wanted meanwhile is left to that goroutine.
type Toggle struct {
	mu     sync.Mutex
	wanted bool
	busy   bool   // a goroutine is calling start or stop
	stop   func() // nil while it is off
}

// Set sets whether it is wanted to what want returns, which gets what was wanted so far and
// is called with a lock held. Then it calls start, or what start returned, until things are
// as they are wanted.
func (t *Toggle) Set(want func(was bool) bool, start func() (stop func())) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wanted = want(t.wanted)
	for !t.busy && t.wanted != (t.stop != nil) {
		stop := t.stop
		t.stop = nil
		t.unlocked(func() {
			if stop != nil {
				stop()
				stop = nil
			} else if stop = start(); stop == nil {
				stop = func() {}
			}
		})
		t.stop = stop
	}
}

// unlocked calls fn, which may panic, without the lock that the caller holds.
func (t *Toggle) unlocked(fn func()) {
	t.busy = true
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		t.busy = false
	}()
	fn()
}
