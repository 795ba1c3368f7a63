package tiered_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered"
)

// A lease that comes when the time of the operation ends is either handed out or released.
func TestLeaseThatComesAtTheEndIsNotLost(t *testing.T) {
	const timeout = 50 * time.Millisecond
	for name, after := range map[string]time.Duration{"just then": timeout, "later": 2 * timeout} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for range 100 { // which of the two comes first differs
					var released atomic.Int32
					s, err := tiered.New(tiered.Config{
						Near: new(store.Map), Far: new(store.Map), FarTimeout: timeout, FarWait: time.Second, Logger: slog.New(slog.DiscardHandler),
						Lease: leaseFunc(func(context.Context) (lease.Outcome, error) {
							time.Sleep(after)
							return lease.Outcome{Release: func(*lease.Failure) { released.Add(1) }}, nil
						}),
					})
					if err != nil {
						t.Fatal(err)
					}
					outcome, err := s.Acquire(t.Context(), key, ask)
					time.Sleep(time.Second)
					want := int32(1)
					if err == nil && outcome.Release != nil {
						want = 0
					}
					if n := released.Load(); n != want {
						t.Fatalf("got %+v, %v; released %d times, want %d", outcome, err, n, want)
					}
					s.Close()
				}
			})
		})
	}
}

// slowly is a context that takes its time to say why it has ended.
type slowly struct{ context.Context }

func (c slowly) Err() error {
	err := c.Context.Err()
	if err != nil {
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// A lease that comes while its caller leaves is released.
func TestLeaseThatComesWhileItsCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		var released atomic.Int32
		s, err := tiered.New(tiered.Config{
			Near: new(store.Map), Far: new(store.Map),
			Lease: leaseFunc(func(context.Context) (lease.Outcome, error) {
				time.Sleep(50 * time.Millisecond)
				leave()
				return lease.Outcome{Release: func(*lease.Failure) { released.Add(1) }}, nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if outcome, err := s.Acquire(slowly{ctx}, key, ask); err == nil {
			t.Errorf("got %+v", outcome)
		}
		synctest.Wait()
		if n := released.Load(); n != 1 {
			t.Errorf("released %d times", n)
		}
	})
}

// A call whose rest of time is too short counts as a failure of the lease that did not answer, and
// leaves far in use.
func TestLeaseThatOutlastsAShortRestIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := tiered.New(tiered.Config{
			Near: new(store.Map), Far: new(store.Map),
			Lease: leaseFunc(func(ctx context.Context) (lease.Outcome, error) {
				<-ctx.Done()
				return lease.Outcome{}, ctx.Err()
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if outcome, err := s.Acquire(ctx, key, ask); err == nil {
			t.Errorf("got %+v", outcome)
		}
		if got := s.Stats(); got.FarErrors != 1 || got.FarDown {
			t.Errorf("%+v; want one error, and no outage", got)
		}
	})
}
