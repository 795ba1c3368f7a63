// Package farwait carries through a context how long one call may still wait for
// a far store, so that several steps of the call (read, fetch, write) share one
// allowance instead of each having its own.
package farwait

import (
	"context"
	"sync/atomic"
	"time"
)

// Default is how long one call waits for a far store in total, unless a Config says
// otherwise.
const Default = 250 * time.Millisecond

type key struct{}

// Allowance is what is left of the waiting time of one call. It is safe for
// concurrent use.
type Allowance struct{ left atomic.Int64 }

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
