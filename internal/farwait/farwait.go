// Package farwait carries through a context how long one call may still wait for
// a far store, so that several steps of the call (read, fetch, write) share one
// allowance instead of each having its own.
package farwait

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Default is how long one call waits for a far store in total, unless a Config says
// otherwise.
const Default = 250 * time.Millisecond

type key struct{}

// Allowance is what is left of the waiting time of one call. It is safe for
// concurrent use.
type Allowance struct {
	left atomic.Int64

	held func() time.Duration // for how long this process has not got to run, up to now; nil: not known

	mu     sync.Mutex
	queued time.Duration // how long its operations have waited for their turn, or for the processor
	queues int           // that wait for their turn now
	since  time.Time     // until when queued is counted
	before time.Duration // held then
}

// With returns a context with an allowance, and that allowance: the one that ctx
// carries already, or a fresh one of d.
func With(ctx context.Context, d time.Duration) (context.Context, *Allowance) {
	if a, _ := ctx.Value(key{}).(*Allowance); a != nil {
		return ctx, a
	}
	a := new(Allowance)
	a.left.Store(int64(d))
	return context.WithValue(ctx, key{}, a), a
}

// Fresh returns a context with an allowance of d, whatever ctx carries.
func Fresh(ctx context.Context, d time.Duration) context.Context {
	a := new(Allowance)
	a.left.Store(int64(d))
	return context.WithValue(ctx, key{}, a)
}

// Operation is Fresh for an operation of a process that may not get to run at times: held
// returns for how long it has not, up to now. That counts as a wait for its turn.
func Operation(ctx context.Context, d time.Duration, held func() time.Duration) context.Context {
	a := &Allowance{held: held, before: held()}
	a.left.Store(int64(d))
	return context.WithValue(ctx, key{}, a)
}

// Left returns how long may still be waited: what the context's allowance has
// left, at most limit. A context without one leaves limit.
func Left(ctx context.Context, limit time.Duration) time.Duration {
	a, _ := ctx.Value(key{}).(*Allowance)
	if a == nil {
		return limit
	}
	return min(limit, a.Left())
}

// Spend takes d off the context's allowance, if it carries one.
func Spend(ctx context.Context, d time.Duration) {
	if a, _ := ctx.Value(key{}).(*Allowance); a != nil {
		a.left.Add(-int64(d))
	}
}

// Left returns what is left, never below zero.
func (a *Allowance) Left() time.Duration { return max(0, time.Duration(a.left.Load())) }

// Queue notes that an operation waits for its turn in this process until done is called. Far
// has not been asked meanwhile, and so is not slow.
func Queue(ctx context.Context) (done func()) {
	a, _ := ctx.Value(key{}).(*Allowance)
	if a == nil {
		return func() {}
	}
	a.queue(1)
	return sync.OnceFunc(func() { a.queue(-1) })
}

func (a *Allowance) queue(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, held := time.Now(), time.Duration(0)
	if a.held != nil {
		held = a.held()
	}
	if a.queues > 0 {
		a.queued += now.Sub(a.since)
	} else {
		a.queued += held - a.before
	}
	a.queues, a.since, a.before = a.queues+n, now, held
}

// Queued returns how long operations with the context's allowance have waited for their turn, or
// for the processor.
func Queued(ctx context.Context) time.Duration {
	a, _ := ctx.Value(key{}).(*Allowance)
	if a == nil {
		return 0
	}
	a.queue(0)
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.queued
}
