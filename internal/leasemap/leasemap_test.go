package leasemap_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/storetest"
)

const key = "key"

func acquire(t *testing.T, l lease.Lease, ask lease.Ask) lease.Outcome {
	t.Helper()
	outcome, err := l.Acquire(t.Context(), key, ask)
	if err != nil {
		t.Fatal(err)
	}
	set := 0
	for _, is := range []bool{!outcome.Token.IsZero(), outcome.Failure != nil, outcome.Release != nil, outcome.Holder != ""} {
		if is {
			set++
		}
	}
	if set != 1 || (outcome.Wait != nil) != (outcome.Holder != "") {
		t.Fatalf("%+v says %d things", outcome, set)
	}
	return outcome
}

func TestMapConformance(t *testing.T) {
	storetest.RunLease(t, storetest.LeaseConfig{In: synctest.Test, Join: func(testing.TB) func() storetest.Process {
		m := &leasemap.Map{Store: new(store.Map)}
		return func() storetest.Process { return storetest.Process{Store: m.Store, Lease: m} }
	}})
}

func TestMapWaiterWakesWhenTheHolderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &leasemap.Map{Store: new(store.Map)}
		holder := acquire(t, m, lease.Ask{})
		waiter := acquire(t, m, lease.Ask{})
		began := time.Now()
		time.AfterFunc(time.Millisecond, func() { holder.Release(nil) })
		if err := waiter.Wait(t.Context()); err != nil || time.Since(began) != time.Millisecond {
			t.Errorf("woke after %v, %v", time.Since(began), err)
		}
		waiter = acquire(t, m, lease.Ask{Holder: waiter.Holder})
		if waiter.Release == nil {
			t.Errorf("%+v", waiter)
		}
		cause := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if err := acquire(t, m, lease.Ask{}).Wait(ctx); !errors.Is(err, cause) {
			t.Errorf("Wait: %v", err)
		}
		acquire(t, m, lease.Ask{}).Drop() // must not hang
	})
}

// An outage is told to those who waited and have tried themselves; a refusal to whoever
// has the same credentials, and to nobody else.
func TestMapFailureIsToldToThoseItAppliesTo(t *testing.T) {
	const mine, theirs = "mine", "theirs"
	for name, refused := range map[string]bool{"outage": false, "refused": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &leasemap.Map{Store: new(store.Map)}
				holder := acquire(t, m, lease.Ask{Credentials: mine})
				waiter := acquire(t, m, lease.Ask{Credentials: mine})
				holder.Release(&lease.Failure{Refused: refused, Message: "why", Pause: time.Minute})
				time.Sleep(20 * time.Second)
				for _, c := range []struct {
					name string
					ask  lease.Ask
					told bool
				}{
					{"who waited and tried", lease.Ask{Credentials: mine, Holder: waiter.Holder, Tried: true}, true},
					{"who waited", lease.Ask{Credentials: mine, Holder: waiter.Holder}, refused},
					{"who tried", lease.Ask{Credentials: mine, Tried: true}, refused},
					{"who comes later", lease.Ask{Credentials: mine}, refused},
					{"who has others", lease.Ask{Credentials: theirs, Holder: waiter.Holder, Tried: true}, false},
					{"who has none", lease.Ask{Holder: waiter.Holder, Tried: true}, false},
				} {
					outcome := acquire(t, m, c.ask)
					if f := outcome.Failure; (f != nil) != c.told {
						t.Errorf("%s is told %+v", c.name, outcome)
					} else if f != nil && (f.Refused != refused || f.Message != "why" || f.Pause != 40*time.Second) {
						t.Errorf("%s is told %+v", c.name, f)
					}
					if outcome.Release != nil { // takes the place of the holder before, unseen
						m = &leasemap.Map{Store: new(store.Map)}
						holder = acquire(t, m, lease.Ask{Credentials: mine})
						waiter = acquire(t, m, lease.Ask{Credentials: mine})
						holder.Release(&lease.Failure{Refused: refused, Message: "why", Pause: 40 * time.Second})
					}
				}
				if outcome := acquire(t, m, lease.Ask{Credentials: mine, Holder: waiter.Holder, Tried: true, Force: true}); outcome.Release == nil {
					t.Errorf("who insists is told %+v", outcome)
				} else {
					outcome.Drop()
				}
				time.Sleep(40 * time.Second)
				if outcome := acquire(t, m, lease.Ask{Credentials: mine, Holder: waiter.Holder, Tried: true}); outcome.Release == nil {
					t.Errorf("when it is over: %+v", outcome)
				}
			})
		})
	}
}

// One at a time takes the place of a holder that takes too long, and the others wait for
// that one.
func TestMapOneAtATimeTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &leasemap.Map{Store: new(store.Map)}
		slow := acquire(t, m, lease.Ask{})
		first, second := acquire(t, m, lease.Ask{}), acquire(t, m, lease.Ask{})
		if outcome := acquire(t, m, lease.Ask{Holder: "somebody before", TakeOver: true}); outcome.Holder != first.Holder {
			t.Errorf("who has waited for another one gets %+v", outcome)
		}
		taken := acquire(t, m, lease.Ask{Credentials: "c", Holder: first.Holder, TakeOver: true})
		if taken.Release == nil {
			t.Fatalf("got %+v", taken)
		}
		began := time.Now()
		if err := second.Wait(t.Context()); err != nil || time.Since(began) != 0 {
			t.Errorf("who waited for the slow one woke after %v, %v", time.Since(began), err)
		}
		outcome := acquire(t, m, lease.Ask{Credentials: "c", Holder: second.Holder, TakeOver: true})
		if outcome.Holder == "" || outcome.Holder == second.Holder {
			t.Fatalf("the second one gets %+v, want somebody else to wait for", outcome)
		}
		slow.Release(&lease.Failure{Message: "late", Pause: time.Minute}) // not the holder's any more
		if again := acquire(t, m, lease.Ask{Credentials: "c", Holder: outcome.Holder, Tried: true}); again.Holder != outcome.Holder {
			t.Errorf("when the slow one has failed: %+v", again)
		}
		taken.Release(nil)
	})
}
