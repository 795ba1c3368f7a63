package tiered

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// leaseTries limits how often Acquire asks again because the lease returned a token that has
// a tombstone.
const leaseTries = 4

var errTombstone = errors.New("store/tiered: the lease answers with tokens that were replaced or deleted")

// Tiers returns the functions of the Store that token.Config needs to fetch tokens.
func (s *Store) Tiers() lease.Tiers {
	t := lease.Tiers{Near: s.cfg.Near, Slot: s.cfg.NearSlot, Reread: s.Reread, Follow: s.Follow, Deleted: s.buried.Deleted}
	if s.cfg.Lazy {
		t.Near, t.Slot, t.Follow = far.LazyNear{Store: s.cfg.Near, MayFlush: s.mayFlush, Flush: s.flushAll}, nil, nil
	}
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
		outcome, err := s.exchange(ctx, key, near, ask)
		if err != errTombstone {
			return outcome, err
		}
		ask.Old = outcome.Token
	}
	return lease.Outcome{}, errTombstone
}

// exchange asks Config.Lease once. near takes the token that it returns, unless that is of no use.
func (s *Store) exchange(ctx context.Context, key string, near store.Token, ask lease.Ask) (lease.Outcome, error) {
	defer s.lookAgain(key, s.begin(key)) // also if near panics
	outcome, err := s.ask(ctx, key, ask)
	if err != nil || outcome.Token.IsZero() {
		return outcome, err
	}
	if tok, err := s.follow(ctx, key, near, outcome.Token); err == nil {
		return lease.Outcome{Token: tok}, nil
	}
	return outcome, errTombstone
}

// ask asks Config.Lease once.
func (s *Store) ask(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	var outcome lease.Outcome // written before over is set, as is noLease
	var noLease error
	var over atomic.Bool // the operation, or the wait for it, has ended: the other one drops what has come
	half := farwait.Left(ctx, s.cfg.FarWait) / 2
	op := s.far.Read(ctx, key, func(ctx context.Context) (_ store.Token, err error) {
		outcome, noLease, err = far.LeaseOrRead(ctx, s.cfg.Lease, s.cfg.Far, key, ask, half)
		if over.Swap(true) { // nobody waits for it
			outcome.Drop()
		}
		return store.Token{}, err
	})
	began := time.Now()
	if _, err := op.Wait(ctx); err != nil {
		if s.far.Patient(time.Since(began)) && far.IsTimeout(err) {
			op.CountError() // the rest of the call's time was too short: the breaker does not hear of it
		}
		if over.Swap(true) { // it came just when the time was up
			bounded.Run(outcome.Drop)
		}
		return lease.Outcome{}, err
	}
	if noLease == far.ErrLate {
		op.CountError()
	}
	return outcome, noLease
}
