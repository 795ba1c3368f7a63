package far

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// ErrLate is why there is no lease if it did not answer soon.
var ErrLate = errors.New("store/tiered: the lease did not answer in time")

// LeaseOrRead asks for the lease, and reads far if that fails or does not answer soon: a
// server that takes no scripts or no writes may let a token be read all the same. err is
// reported to the breaker; noLease is why there is no lease while far can be read.
func LeaseOrRead(ctx context.Context, leases lease.Lease, far store.Store, key string, ask lease.Ask, soon time.Duration) (outcome lease.Outcome, noLease, err error) {
	asked := bounded.Go(func() (lease.Outcome, error) { return leases.Acquire(ctx, key, ask) })
	defer func() {
		if asked != nil { // it may come late
			bounded.Run(func() { (<-asked).Value.Drop() })
		}
	}()
	began := time.Now()
	late := time.NewTimer(putOff(ctx, began, soon))
	defer late.Stop()
	noLease = ErrLate
	var queued time.Duration // how long it has waited for its turn
	for waiting := true; waiting; {
		select {
		case a := <-asked:
			if asked = nil; health.Failure(a.Err) == nil || errors.Is(a.Err, store.ErrBusy) {
				return a.Value, nil, a.Err
			}
			noLease, waiting = a.Err, false
		case <-late.C:
			more := putOff(ctx, began, farwait.Queued(ctx)-queued)
			if waiting = more > 0; waiting { // it is not the lease that is slow
				queued += more
				late.Reset(more)
			}
		}
	}
	read := bounded.Go(func() (store.Token, error) { return far.Get(ctx, key) })
	for {
		select {
		case a := <-asked:
			if asked = nil; health.Failure(a.Err) == nil {
				return a.Value, nil, a.Err
			}
			noLease = a.Err
		case r := <-read:
			switch {
			case r.Err == nil && !r.Value.Equal(ask.Old):
				return lease.Outcome{Token: r.Value}, nil, nil
			case health.Failure(r.Err) == nil && !errors.Is(r.Err, store.ErrIdentity):
				return lease.Outcome{}, noLease, nil
			case asked == nil || errors.Is(r.Err, store.ErrIdentity):
				return lease.Outcome{}, nil, r.Err
			}
			read = nil // the lease may still answer
		case <-ctx.Done():
			return lease.Outcome{}, nil, context.Cause(ctx)
		}
		if asked == nil && read == nil {
			return lease.Outcome{}, nil, noLease
		}
	}
}
