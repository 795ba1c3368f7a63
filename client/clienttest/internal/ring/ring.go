// Package ring keeps the last of many values, to be read at once or while they come.
package ring

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// Ring keeps the last values. Make it with New. It is safe for concurrent use.
type Ring[T any] struct {
	mu    sync.Mutex
	kept  []T
	size  int
	added int           // how many in all; the last one is at (added-1)%size
	more  chan struct{} // closed when the next one is added; nil while nobody waits
}

// New returns a Ring that keeps size values.
func New[T any](size int) *Ring[T] { return &Ring[T]{size: size} }

// Add adds what make returns. It is called under a lock: its order is the order of the
// values.
func (r *Ring[T]) Add(make func() T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := make(); len(r.kept) < r.size {
		r.kept = append(r.kept, v)
	} else {
		r.kept[r.added%r.size] = v
	}
	r.added++
	if r.more != nil {
		close(r.more)
		r.more = nil
	}
}

// All returns the values that are kept, the oldest first.
func (r *Ring[T]) All() []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from(0)
}

// from returns the values from the one with that number on, as far as they are kept.
func (r *Ring[T]) from(number int) []T {
	number = max(number, r.added-len(r.kept))
	if len(r.kept) < r.size {
		return slices.Clone(r.kept[number:])
	}
	at := number % r.size
	all := slices.Concat(r.kept[at:], r.kept[:at])
	return all[:r.added-number]
}

// Follow yields the values that are kept, and then each as it comes, until ctx ends; what
// is there by then is still yielded. A reader that is so slow that values are no longer
// kept misses them.
func (r *Ring[T]) Follow(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for next := 0; ; {
			over := ctx.Err() != nil
			r.mu.Lock()
			batch := r.from(next)
			next = r.added
			if r.more == nil {
				r.more = make(chan struct{})
			}
			more := r.more
			r.mu.Unlock()
			for _, v := range batch {
				if !yield(v) {
					return
				}
			}
			switch {
			case over:
				return
			case len(batch) > 0:
				continue
			}
			select {
			case <-more:
			case <-ctx.Done():
			}
		}
	}
}
