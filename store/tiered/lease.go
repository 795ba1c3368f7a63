package tiered

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// leaseTries limits how often Acquire asks again because the lease returned a token that has
// a tombstone.
const leaseTries = 4

var (
	errTombstone = errors.New("store/tiered: the lease answers with tokens that were replaced or deleted")
	errLate      = errors.New("store/tiered: the lease did not answer in time")
)

// Tiers returns the functions of the Store that token.Config needs to fetch tokens.
func (s *Store) Tiers() lease.Tiers {
	t := lease.Tiers{Near: s.cfg.Near, Reread: s.Reread, Follow: s.Follow}
	if s.cfg.Lease != nil {
		t.Lease = s
	}
	return t
}

// Acquire implements [lease.Lease]: it asks Config.Lease, unless the breaker is open, and
// no longer than the call may wait. Near takes the token that it returns; one that was
// deleted here is ignored. A failure of the lease is no failure of far, which is then read
// instead.
func (s *Store) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	if s.cfg.Lease == nil {
		return lease.Outcome{}, errNoLease
	}
	for range leaseTries {
		near, err := s.cfg.Near.Get(ctx, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return lease.Outcome{}, err
		}
		before := s.pushes(key)
		outcome, err := s.ask(ctx, key, ask)
		if err != nil || outcome.Token.IsZero() {
			return outcome, err
		}
		ask.Old = outcome.Token
		if isIn(s.tombstones(key), outcome.Token) {
			continue
		}
		tok, err := s.follow(ctx, key, near, outcome.Token)
		s.lookAgain(key, before)
		if err == nil {
			return lease.Outcome{Token: tok}, nil
		}
	}
	return lease.Outcome{}, errTombstone
}

// ask asks Config.Lease once.
func (s *Store) ask(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	var outcome lease.Outcome // written before op is done, as is noLease
	var noLease error
	half := farwait.Left(ctx, s.cfg.FarWait) / 2
	op := s.far.Read(ctx, key, func(ctx context.Context) (_ store.Token, err error) {
		outcome, noLease, err = s.leaseOrRead(ctx, key, ask, half)
		if err == nil && ctx.Err() != nil { // op has ended without it
			outcome.Drop()
			err = context.Cause(ctx)
		}
		return store.Token{}, err
	})
	began := time.Now()
	if _, err := op.Wait(ctx); err != nil {
		if s.far.Patient(time.Since(began)) && isTimeout(err) {
			s.far.CountError() // the rest of the call's time was too short: the breaker does not hear of it
		}
		// A lease that comes late is released.
		bounded.Run(func() {
			if _, err := op.Result(); err == nil {
				outcome.Drop()
			}
		})
		return lease.Outcome{}, err
	}
	if noLease == errLate {
		s.far.CountError()
	}
	return outcome, noLease
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// leaseOrRead asks for the lease, and reads far if that fails or does not answer soon: a
// server that takes no scripts or no writes may let a token be read all the same. err is
// reported to the breaker; noLease is why there is no lease while far can be read.
func (s *Store) leaseOrRead(ctx context.Context, key string, ask lease.Ask, soon time.Duration) (outcome lease.Outcome, noLease, err error) {
	asked := bounded.Go(func() (lease.Outcome, error) { return s.cfg.Lease.Acquire(ctx, key, ask) })
	defer func() {
		if asked != nil { // it may come late
			bounded.Run(func() { (<-asked).Value.Drop() })
		}
	}()
	late := time.NewTimer(soon)
	defer late.Stop()
	noLease = errLate
	select {
	case a := <-asked:
		if asked = nil; health.Failure(a.Err) == nil {
			return a.Value, nil, a.Err
		}
		noLease = a.Err
	case <-late.C:
	}
	read := bounded.Go(func() (store.Token, error) { return s.cfg.Far.Get(ctx, key) })
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
