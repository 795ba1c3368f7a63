package token_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// asked is a lease that is a function.
type asked func(context.Context, lease.Ask) (lease.Outcome, error)

func (a asked) Acquire(ctx context.Context, _ string, ask lease.Ask) (lease.Outcome, error) {
	return a(ctx, ask)
}

// slowly is a store that takes its time for a write.
type slowly struct {
	store.Map
	takes time.Duration
}

func (s *slowly) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	time.Sleep(s.takes)
	return s.Map.CompareAndSwap(ctx, key, old, tok)
}

// The lease is held until the token is stored, also by a fetch that takes as long as it may.
func TestLeaseIsHeldUntilTheTokenIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, storing = 10 * time.Second, 5 * time.Second
		g := &gateway{latency: limit * 3 / 4}
		st := &slowly{takes: storing}
		var released atomic.Int64
		began := time.Now()
		s := start(t, g, token.Config{Store: st, FetchTimeout: limit, Tiers: lease.Tiers{Lease: asked(func(context.Context, lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{Release: func(*lease.Failure) { released.CompareAndSwap(0, int64(time.Since(began))) }}, nil
		})}})
		mustToken(t, s)
		synctest.Wait()
		if d := time.Duration(released.Load()); d != g.latency+storing {
			t.Errorf("released after %v, want %v", d, g.latency+storing)
		}
	})
}

// After it has waited for another process a call may wait for the far store as long as at first.
func TestWaitForAProcessIsNotOneForTheFarStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const farWait = 250 * time.Millisecond
		var left []time.Duration
		s := start(t, new(gateway), token.Config{FarWait: farWait, Tiers: lease.Tiers{Lease: asked(func(ctx context.Context, _ lease.Ask) (lease.Outcome, error) {
			left = append(left, farwait.Left(ctx, farWait))
			farwait.Spend(ctx, 200*time.Millisecond)
			if len(left) == 4 {
				return lease.Outcome{Release: func(*lease.Failure) {}}, nil
			}
			return lease.Outcome{Holder: "another", Wait: func(ctx context.Context) error { time.Sleep(time.Second); return ctx.Err() }}, nil
		})}})
		mustToken(t, s)
		for i, d := range left {
			if d != farWait {
				t.Errorf("ask %d: %v left, want %v", i+1, d, farWait)
			}
		}
	})
}
