package sim

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// yields are the points at which a process gives way: before and after each operation of a
// store and of the lease, and around a token request, which all callers wait
// for. How long is decided by the seed, so that goroutines that are ready at once go on in
// an order that the seed decides too, not the scheduler of Go.
type yields struct {
	seed uint64
	n    atomic.Uint64
	gate *gate
}

// point gives way, and stops while the process is stopped.
func (y *yields) point(ctx context.Context) {
	if y.seed != 0 {
		if d := y.pause(mix(y.seed + y.n.Add(1))); d > 0 {
			time.Sleep(d)
		}
	}
	_ = y.gate.pass(context.WithoutCancel(ctx))
}

func (y *yields) pause(r uint64) time.Duration {
	switch r % 8 {
	case 0, 1, 2, 3:
		return 0
	case 7:
		return time.Duration(r>>8%4000) * time.Microsecond
	}
	return time.Duration(r>>8%100) * time.Microsecond
}

// mix is the end of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// yielding is a store with yield points.
type yielding struct {
	store.Store
	*yields
}

func (s yielding) Get(ctx context.Context, key string) (store.Token, error) {
	s.point(ctx)
	defer s.point(ctx)
	return s.Store.Get(ctx, key)
}

func (s yielding) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	s.point(ctx)
	defer s.point(ctx)
	return s.Store.CompareAndSwap(ctx, key, old, tok)
}

func (s yielding) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	s.point(ctx)
	defer s.point(ctx)
	return s.Store.CompareAndDelete(ctx, key, old)
}

// yieldingShared is what a far store knows of other processes, with yield points.
type yieldingShared struct {
	store.Shared
	*yields
}

func (s yieldingShared) Look(ctx context.Context, key string, had store.Token, before store.Losses) (store.Token, store.Losses, error) {
	s.point(ctx)
	defer s.point(ctx)
	return s.Shared.Look(ctx, key, had, before)
}

func (s yieldingShared) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	s.point(ctx)
	defer s.point(ctx)
	return s.Shared.Restore(ctx, key, old, tok)
}

// yieldingLease is a lease with yield points.
type yieldingLease struct {
	lease.Lease
	*yields
}

func (l yieldingLease) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	l.point(ctx)
	defer l.point(ctx)
	return l.Lease.Acquire(ctx, key, ask)
}
