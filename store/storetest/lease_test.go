package storetest_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/storetest"
)

// The faults of a lease.
const (
	forEverybody    fault = "gives the lease to everybody"
	looksNowhere    fault = "does not look for a token"
	takesOld        fault = "answers with the token that will not do"
	neverFree       fault = "keeps a lease that was given back"
	waitsOn         fault = "waits whatever its context says"
	oneForAll       fault = "has one lease for all keys"
	tellsEverybody  fault = "tells outages to those who have not tried"
	mixesUp         fault = "takes all credentials for the same"
	forgetsRefusals fault = "forgets refusals"
	keepsToItself   fault = "keeps what is shared to those who have tried"
	dropsReasons    fault = "does not pass reasons on"
	keepsRefusals   fault = "keeps refusals for an hour"
	ignoresForce    fault = "ignores Force"
	takesOverAny    fault = "takes over from any holder"
	neverTakesOver  fault = "never takes over"
	freesOthers     fault = "gives back the lease of a successor"
)

var brokenLeases = []seeded{
	{forEverybody, []string{"OneHasIt"}},
	{looksNowhere, []string{"TokenStands", "StoredBeforeRelease"}},
	{takesOld, []string{"TokenStands"}},
	{neverFree, []string{"ReleasedIsFree"}},
	{waitsOn, []string{"WaitHeedsContext"}},
	{oneForAll, []string{"Keys"}},
	{tellsEverybody, []string{"OutageIsForThoseWhoTried"}},
	{mixesUp, []string{"RefusalIsForTheSameCredentials"}},
	{forgetsRefusals, []string{"RefusalIsForTheSameCredentials"}},
	{keepsToItself, []string{"SharedIsForTheSameCredentials"}},
	{dropsReasons, []string{"ReasonIsPassedOn"}},
	{keepsRefusals, []string{"RefusalEnds"}},
	{ignoresForce, []string{"ForceForgets"}},
	{takesOverAny, []string{"TakeOverByName"}},
	{neverTakesOver, []string{"TakeOverByName"}},
	{freesOthers, []string{"LateRelease"}},
}

// faultyLease is a leasemap.Map with one fault.
type faultyLease struct {
	leasemap.Map
	fault fault

	mu      sync.Mutex
	current func(*lease.Failure) // Release of whoever has it
}

func (l *faultyLease) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	switch l.fault {
	case takesOld:
		ask.Old = store.Token{}
	case oneForAll:
		key = "all"
	case tellsEverybody:
		ask.Tried = true
	case mixesUp:
		ask.Credentials = "all"
	case forgetsRefusals:
		ask.Force = true
	case ignoresForce:
		ask.Force = false
	case neverTakesOver:
		ask.TakeOver = false
	case takesOverAny:
		if ask.TakeOver {
			outcome, err := l.Map.Acquire(ctx, key, lease.Ask{Old: ask.Old})
			if err != nil || outcome.Holder == "" {
				return outcome, err
			}
			ask.Holder = outcome.Holder
			outcome.Drop()
		}
	}
	outcome, err := l.Map.Acquire(ctx, key, ask)
	if err == nil {
		l.spoil(&outcome)
	}
	return outcome, err
}

// spoil puts the fault into an answer.
func (l *faultyLease) spoil(outcome *lease.Outcome) {
	release, wait := outcome.Release, outcome.Wait
	switch {
	case l.fault == forEverybody && outcome.Holder != "":
		*outcome = lease.Outcome{Release: func(*lease.Failure) {}}
	case l.fault == waitsOn && wait != nil:
		outcome.Wait = func(context.Context) error { return wait(context.Background()) }
	case release == nil:
	case l.fault == neverFree:
		outcome.Release = func(*lease.Failure) {}
	case l.fault == keepsRefusals:
		outcome.Release = changed(release, func(f *lease.Failure) { f.Pause = time.Hour })
	case l.fault == keepsToItself:
		outcome.Release = changed(release, func(f *lease.Failure) { f.Shared = false })
	case l.fault == dropsReasons:
		outcome.Release = changed(release, func(f *lease.Failure) { f.Reason = "" })
	case l.fault == freesOthers:
		l.mu.Lock()
		l.current = release
		l.mu.Unlock()
		outcome.Release = func(f *lease.Failure) {
			release(f)
			l.mu.Lock()
			defer l.mu.Unlock()
			l.current(nil)
		}
	}
}

// changed is release for a failure that is changed before.
func changed(release func(*lease.Failure), change func(*lease.Failure)) func(*lease.Failure) {
	return func(f *lease.Failure) {
		if f != nil {
			other := *f
			change(&other)
			f = &other
		}
		release(f)
	}
}

func newLease(f fault) func(testing.TB) func() storetest.Process {
	return func(testing.TB) func() storetest.Process {
		shared := new(store.Map)
		l := &faultyLease{fault: f}
		if l.Store = shared; f == looksNowhere {
			l.Store = new(store.Map)
		}
		return func() storetest.Process { return storetest.Process{Store: shared, Lease: l} }
	}
}

func TestFaultlessLease(t *testing.T) {
	storetest.RunLease(t, storetest.LeaseConfig{Join: newLease(faultless), In: synctest.Test})
}

// Every seeded fault makes the case fail that is there for it, and every case has a fault.
func TestBrokenLeases(t *testing.T) {
	proven := make(map[string]bool)
	for _, b := range brokenLeases {
		t.Run(b.fault.String(), func(t *testing.T) {
			var failed []string
			for _, name := range storetest.LeasePromises() {
				synctest.Test(t, func(t *testing.T) {
					r := &recorder{TB: t}
					done := make(chan struct{})
					go func() { // a goroutine of its own, for FailNow to end
						defer close(done)
						storetest.TryLease(r, name, storetest.LeaseConfig{Join: newLease(b.fault)})
					}()
					<-done
					if r.Failed() {
						failed = append(failed, name)
					}
				})
			}
			for _, name := range b.breaks {
				if proven[name] = true; !slices.Contains(failed, name) {
					t.Errorf("case %s did not fail; %v did", name, failed)
				}
			}
		})
	}
	for _, name := range storetest.LeasePromises() {
		if !proven[name] {
			t.Errorf("no broken lease is there for case %s", name)
		}
	}
}
