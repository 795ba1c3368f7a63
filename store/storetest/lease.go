package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// Process is one process that uses the lease under test.
type Process struct {
	Store store.Store // shared with the other processes
	Lease lease.Lease // beside the tokens of Store
}

// RunLease tests a [lease.Lease], case by case. Join is called once for each case, and the
// function that it returns once for each process in it; all of these share one store. In is
// as in [Config].
//
//	storetest.RunLease(t, storetest.LeaseConfig{Join: func(t testing.TB) func() storetest.Process { … }})
func RunLease(t *testing.T, c LeaseConfig) {
	t.Helper()
	if c.Join == nil {
		t.Fatal("storetest: LeaseConfig.Join is required")
	}
	if c.In == nil {
		c.In = func(t *testing.T, run func(t *testing.T)) { run(t) }
	}
	for _, p := range leasePromises {
		t.Run(p.name, func(t *testing.T) {
			c.In(t, func(t *testing.T) { p.test(t, c) })
		})
	}
}

// LeaseConfig configures RunLease. Only Join is required.
type LeaseConfig struct {
	// Join begins a case with an empty store, and returns what makes a process that
	// shares it with those before. It cleans up with t.Cleanup.
	Join func(t testing.TB) func() Process

	// Sleep and In are as those of Config.
	Sleep func(time.Duration)
	In    func(t *testing.T, run func(t *testing.T))
}

// leasePromise is one case of RunLease.
type leasePromise struct {
	name string
	text string
	try  func(*leaseSubject)
}

func (p leasePromise) test(t testing.TB, c LeaseConfig) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("broken promise: %s", p.text)
		}
	}()
	s := &leaseSubject{TB: t, key: "storetest:" + rand.Text(), join: c.Join(t), sleep: c.Sleep}
	if s.sleep == nil {
		s.sleep = time.Sleep
	}
	p.try(s)
}

var leasePromises = []leasePromise{
	{"OneHasIt", "Of many processes that ask at once one has the lease, and the others get its holder.", oneHasIt},
	{"TokenStands", "A token in the store is the answer, unless it is Ask.Old.", tokenStands},
	{"StoredBeforeRelease", "A process that waits for a holder that stored a token gets the token.", storedBeforeRelease},
	{"ReleasedIsFree", "A lease that was released is free, also by Drop, and only the first call counts.", releasedIsFree},
	{"WaitHeedsContext", "Wait ends with its context, and returns its error.", waitHeedsContext},
	{"Keys", "Leases of two keys have nothing to do with each other.", leaseKeys},
	{"OutageIsForThoseWhoTried", "An outage is the answer to processes that waited for the holder and have failed themselves.", outageIsForThoseWhoTried},
	{"RefusalIsForTheSameCredentials", "A refusal is the answer to all processes with the same credentials, and to no others.", refusalIsForTheSameCredentials},
	{"SharedIsForTheSameCredentials", "A failure that is Shared is the answer to all processes with the same credentials, and is no refusal.", sharedIsForTheSameCredentials},
	{"ReasonIsPassedOn", "The Reason of a failure is passed on, and its Message as it is.", reasonIsPassedOn},
	{"RefusalEnds", "A refusal ends with its pause.", refusalEnds},
	{"ForceForgets", "Force takes the lease in spite of a refusal, which is forgotten then.", forceForgets},
	{"TakeOverByName", "TakeOver replaces the holder that was waited for, and no other one.", takeOverByName},
	{"LateRelease", "A holder that was replaced does not release the lease of its successor.", lateRelease},
}

// leaseSubject is the lease under test, with what a case needs.
type leaseSubject struct {
	testing.TB
	key   string // of this case alone
	join  func() Process
	sleep func(time.Duration)
}

// asker is one process in a case.
type asker struct {
	*leaseSubject
	Process
}

func (s *leaseSubject) process() asker { return asker{s, s.join()} }

// ask asks once, and checks that the answer has exactly one field set.
func (a asker) ask(ask lease.Ask) lease.Outcome {
	a.Helper()
	outcome, err := a.Lease.Acquire(a.Context(), a.key, ask)
	if err != nil {
		a.Fatalf("Acquire(%+v): %v", ask, err)
	}
	set := 0
	for _, is := range []bool{!outcome.Token.IsZero(), outcome.Failure != nil, outcome.Release != nil, outcome.Holder != ""} {
		if is {
			set++
		}
	}
	if set != 1 || (outcome.Wait != nil) != (outcome.Holder != "") {
		a.Fatalf("Acquire(%+v) says %d things: %+v", ask, set, outcome)
	}
	return outcome
}

// final asks until the answer is not a holder. A release may return before it has reached the
// store.
func (a asker) final(ask lease.Ask) lease.Outcome {
	a.Helper()
	ctx, cancel := context.WithTimeout(a.Context(), patience)
	defer cancel()
	for {
		outcome := a.ask(ask)
		if outcome.Wait == nil {
			return outcome
		}
		if err := outcome.Wait(ctx); err != nil {
			a.Fatalf("after %v there is still a holder", patience)
		}
	}
}

// patience is how long something may take that is to happen soon.
const patience = 10 * time.Second

// leads asks until the process has the lease, and fails the case if the answer is another one.
func (a asker) leads(ask lease.Ask) lease.Outcome {
	a.Helper()
	outcome := a.final(ask)
	if outcome.Release == nil {
		a.Fatalf("Acquire(%+v) = %+v, want the lease", ask, outcome)
	}
	return outcome
}

// wantFailure asks until there is no holder, and checks that the answer is the failure; nil:
// that it is none.
func (a asker) wantFailure(name string, ask lease.Ask, want *lease.Failure) {
	a.Helper()
	outcome := a.final(ask)
	switch f := outcome.Failure; {
	case want == nil && f != nil:
		a.Errorf("%s: got the failure %+v, want none", name, f)
	case want != nil && (f == nil || *f != (lease.Failure{Refused: want.Refused, Shared: want.Shared, Reason: want.Reason, Message: want.Message, Pause: f.Pause}) ||
		f.Pause <= 0 || f.Pause > want.Pause):
		a.Errorf("%s: got %+v, want the failure %+v", name, outcome, want)
	}
	outcome.Drop()
}

func oneHasIt(s *leaseSubject) {
	const processes, each = 4, 4
	var mu sync.Mutex
	var all sync.WaitGroup
	holders, names := 0, make(map[string]bool)
	for range processes {
		a := s.process()
		for range each { // two in one process are two
			all.Go(func() {
				outcome, err := a.Lease.Acquire(context.Background(), a.key, lease.Ask{})
				if outcome.Wait != nil {
					outcome.Drop()
				}
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err != nil:
					a.Errorf("Acquire: %v", err)
				case outcome.Release != nil:
					holders++
				default:
					names[outcome.Holder] = true
				}
			})
		}
	}
	all.Wait()
	if holders != 1 || len(names) != 1 || names[""] {
		s.Errorf("%d have the lease, the others got %d holders", holders, len(names))
	}
}

func tokenStands(s *leaseSubject) {
	a, b := s.process(), s.process()
	tok := fresh(long)
	if _, err := a.Store.CompareAndSwap(s.Context(), s.key, none, tok); err != nil {
		s.Fatal(err)
	}
	for _, ask := range []lease.Ask{{}, {Force: true}, {Old: fresh(long)}, {Holder: "x", TakeOver: true}} {
		if outcome := b.ask(ask); !outcome.Token.Equal(tok) {
			s.Errorf("Acquire(%+v) = %+v, want the token", ask, outcome)
			outcome.Drop()
		}
	}
	outcome := b.leads(lease.Ask{Old: tok})
	next := fresh(long)
	if _, err := b.Store.CompareAndSwap(s.Context(), s.key, tok, next); err != nil {
		s.Fatal(err)
	}
	outcome.Release(nil)
	if outcome := a.final(lease.Ask{Old: tok}); !outcome.Token.Equal(next) {
		s.Errorf("after a newer one was stored: %+v", outcome)
	}
}

func storedBeforeRelease(s *leaseSubject) {
	a, b := s.process(), s.process()
	outcome, tok := a.leads(lease.Ask{}), fresh(long)
	if busy := b.ask(lease.Ask{}); busy.Holder == "" {
		s.Errorf("while another one has it: %+v", busy)
	} else {
		busy.Drop()
	}
	if _, err := a.Store.CompareAndSwap(s.Context(), s.key, none, tok); err != nil {
		s.Fatal(err)
	}
	outcome.Release(nil)
	if got := b.final(lease.Ask{}); !got.Token.Equal(tok) {
		s.Errorf("got %+v, want the token", got)
	}
}

func releasedIsFree(s *leaseSubject) {
	a, b := s.process(), s.process()
	for _, end := range []func(lease.Outcome){
		func(outcome lease.Outcome) { outcome.Release(nil) },
		func(outcome lease.Outcome) { outcome.Drop() },
		func(outcome lease.Outcome) {
			outcome.Drop()
			outcome.Release(&lease.Failure{Refused: true, Message: "late", Pause: time.Minute})
		},
	} {
		end(a.leads(lease.Ask{Credentials: "c"}))
		b.leads(lease.Ask{Credentials: "c"}).Release(nil)
	}
}

func waitHeedsContext(s *leaseSubject) {
	a, b := s.process(), s.process()
	outcome := a.leads(lease.Ask{})
	defer outcome.Release(nil)
	cause := errors.New("the caller has gone")
	ctx, cancel := context.WithCancelCause(s.Context())
	cancel(cause)
	busy := b.ask(lease.Ask{})
	if busy.Wait == nil {
		s.Fatalf("while another one has it: %+v", busy)
	}
	if err := busy.Wait(ctx); !errors.Is(err, cause) && !errors.Is(err, context.Canceled) {
		s.Errorf("Wait with a context that has ended: %v", err)
	}
	b.ask(lease.Ask{}).Drop() // must not hang
}
