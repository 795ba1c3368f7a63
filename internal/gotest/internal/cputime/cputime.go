// Package cputime measures how much processor time the tests of packages take, from outside,
// while they run. `go test` tells how long a package took, which on a busy machine is mostly
// how busy it was; and -exec, with which it could be measured in full, keeps results out of
// Go's test cache.
package cputime

import (
	"context"
	"maps"
	"path/filepath"
	"sync"
	"time"
)

// Every is how often is looked. What a process does after the last look is not seen.
const Every = 300 * time.Millisecond

// Watch measures the tests that a go command runs. Its methods may be called by any number of
// goroutines.
type Watch struct {
	mu  sync.Mutex
	dir map[string]time.Duration
}

// Follow looks at the children of a process until ctx ends. On other systems than Linux it
// sees nothing.
func (w *Watch) Follow(ctx context.Context, pid int) {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		seen := children(pid)
		w.mu.Lock()
		if w.dir == nil {
			w.dir = make(map[string]time.Duration)
		}
		maps.Copy(w.dir, seen)
		w.mu.Unlock()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Of returns what the tests in a folder have taken, with all processes that they started; 0 if
// they were not seen.
func (w *Watch) Of(dir string) time.Duration {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dir[dir]
}
