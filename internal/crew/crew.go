// Package crew does many small jobs on few goroutines, several at a time.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package crew

import (
	"math"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
)

// Crew does jobs. Make it with [New].
type Crew[T any] struct {
	most     int // workers
	together func() int
	patience time.Duration
	work     func([]T)

	mu      sync.Mutex
	workers int
	queue   []T
}

// New returns a Crew of so many workers at most, each of which calls work with up to together()
// jobs, at least one, at a time. A call that takes longer than patience does not count as one of a worker any more, so
// that one that hangs does not hold up the rest. One that panics has done its jobs.
func New[T any](most int, together func() int, patience time.Duration, work func([]T)) *Crew[T] {
	return &Crew[T]{most: most, together: together, patience: patience, work: work}
}

// Singly is for jobs that are done one at a time.
func Singly() int { return 1 }

// Add adds a job. It does not wait.
func (c *Crew[T]) Add(job T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = append(c.queue, job)
	if c.workers < c.most {
		c.workers++
		go c.worker()
	}
}

func (c *Crew[T]) worker() {
	for {
		batch := c.take()
		if len(batch) == 0 {
			return
		}
		done := bounded.Run(func() { c.work(batch) })
		late := time.NewTimer(c.patience)
		select {
		case <-done:
		case <-late.C:
		}
		late.Stop()
	}
}

// take returns the next jobs. Without any, the worker ends.
func (c *Crew[T]) take() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.queue), max(1, c.together()))
	batch := c.queue[:n:n]
	if c.queue = c.queue[n:]; len(c.queue) == 0 {
		c.queue = nil
	}
	if n == 0 {
		c.workers--
	}
	return batch
}

// Share does jobs that are there already, and returns when they are done. work is called with up
// to together() of them, at first alone and then by so many workers, until it reports that it is
// no use to go on, panics, or ends its goroutine.
func Share[T any](most int, together func() int, jobs []T, work func([]T) bool) {
	var mu sync.Mutex
	next := func() []T {
		mu.Lock()
		defer mu.Unlock()
		n := min(len(jobs), max(1, together()))
		batch := jobs[:n:n]
		jobs = jobs[n:]
		return batch
	}
	left := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(jobs)
	}
	do := func(most int) {
		for range most {
			on, batch := false, next()
			if len(batch) > 0 {
				<-bounded.Run(func() { on = work(batch) })
			}
			if !on {
				mu.Lock()
				jobs = nil
				mu.Unlock()
				return
			}
		}
	}
	do(1)
	var workers sync.WaitGroup
	for range min(most, left()) {
		workers.Go(func() { do(math.MaxInt) })
	}
	workers.Wait()
}
