package storetest

import (
	"time"

	"github.com/advoware-go/advoware/store/lease"
)

func leaseKeys(s *leaseSubject) {
	a, b := s.process(), s.process()
	outcome := a.leads(lease.Ask{Credentials: "c"})
	other := *s
	other.key += ":2"
	b.leaseSubject = &other
	b.leads(lease.Ask{Credentials: "c"}).Release(&lease.Failure{Refused: true, Message: "no", Pause: time.Minute})
	outcome.Release(nil)
	a.wantFailure("another key", lease.Ask{Credentials: "c"}, nil)
}

// fail makes the fetch of a process fail while another one waits for it, and returns the
// Holder that the other one waited for.
func (s *leaseSubject) fail(f lease.Failure) (waited string) {
	s.Helper()
	a, b := s.process(), s.process()
	outcome := a.leads(lease.Ask{Credentials: "mine"})
	busy := b.ask(lease.Ask{Credentials: "mine"})
	busy.Drop()
	if busy.Holder == "" {
		s.Fatalf("while another one has it: %+v", busy)
	}
	outcome.Release(&f)
	return busy.Holder
}

func outageIsForThoseWhoTried(s *leaseSubject) {
	f := lease.Failure{Message: "down", Pause: time.Minute}
	for name, ask := range map[string]lease.Ask{
		"a process that has not tried":          {Credentials: "mine"},
		"a process that did not wait":           {Credentials: "mine", Tried: true},
		"a process that waited for another one": {Credentials: "mine", Tried: true, Holder: "another"},
		"other credentials":                     {Credentials: "theirs", Tried: true},
		"no credentials":                        {Tried: true},
	} {
		holder := s.fail(f)
		s.process().wantFailure("a process that waited and tried", lease.Ask{Credentials: "mine", Holder: holder, Tried: true}, &f)
		if name != "a process that did not wait" && ask.Holder == "" {
			ask.Holder = holder
		}
		s.process().wantFailure(name, ask, nil)
	}
}

func refusalIsForTheSameCredentials(s *leaseSubject) {
	f := lease.Failure{Refused: true, Message: "no", Pause: time.Minute}
	holder := s.fail(f)
	s.process().wantFailure("a process that waited", lease.Ask{Credentials: "mine", Holder: holder}, &f)
	s.process().wantFailure("a later process", lease.Ask{Credentials: "mine"}, &f)
	s.process().wantFailure("other credentials", lease.Ask{Credentials: "theirs", Holder: holder, Tried: true}, nil)
	s.process().wantFailure("no credentials", lease.Ask{Holder: holder, Tried: true}, nil)
	s.process().wantFailure("a later process, after another holder", lease.Ask{Credentials: "mine"}, &f)
}

func sharedIsForTheSameCredentials(s *leaseSubject) {
	f := lease.Failure{Shared: true, Message: "the office is off", Pause: time.Minute}
	holder := s.fail(f)
	s.process().wantFailure("a process that waited", lease.Ask{Credentials: "mine", Holder: holder}, &f)
	s.process().wantFailure("a later process", lease.Ask{Credentials: "mine"}, &f)
	s.process().wantFailure("other credentials", lease.Ask{Credentials: "theirs", Holder: holder, Tried: true}, nil)
	s.process().leads(lease.Ask{Credentials: "mine", Force: true}).Release(nil)
	s.process().wantFailure("when it was forgotten", lease.Ask{Credentials: "mine"}, nil)
}

func reasonIsPassedOn(s *leaseSubject) {
	for _, f := range []lease.Failure{
		{Refused: true, Reason: "not-enabled", Message: "no", Pause: time.Minute},
		{Shared: true, Reason: "not-connected", Message: "off", Pause: time.Minute},
		{Refused: true, Message: "(not-enabled) is what it says", Pause: time.Minute},
		{Reason: "clock", Message: "old", Pause: time.Minute},
	} {
		holder := s.fail(f)
		s.process().wantFailure("a process that waited and tried", lease.Ask{Credentials: "mine", Holder: holder, Tried: true}, &f)
		s.process().leads(lease.Ask{Credentials: "mine", Force: true}).Release(nil)
	}
}

func refusalEnds(s *leaseSubject) {
	const pause = 500 * time.Millisecond
	f := lease.Failure{Refused: true, Message: "no", Pause: pause}
	s.fail(f)
	s.process().final(lease.Ask{Credentials: "theirs"}).Drop() // by now the failure has reached the store
	s.sleep(2 * pause)
	s.process().wantFailure("when it is over", lease.Ask{Credentials: "mine"}, nil)
}

func forceForgets(s *leaseSubject) {
	f := lease.Failure{Refused: true, Message: "no", Pause: time.Minute}
	s.fail(f)
	s.process().wantFailure("a later process", lease.Ask{Credentials: "mine"}, &f)
	outcome := s.process().leads(lease.Ask{Credentials: "mine", Force: true})
	outcome.Release(nil)
	s.process().wantFailure("when it was forgotten", lease.Ask{Credentials: "mine"}, nil)
}

func takeOverByName(s *leaseSubject) {
	a, b, c := s.process(), s.process(), s.process()
	slow := a.leads(lease.Ask{})
	defer slow.Release(nil)
	busy := b.ask(lease.Ask{})
	busy.Drop()
	if outcome := c.ask(lease.Ask{Holder: "another", TakeOver: true}); outcome.Holder != busy.Holder {
		s.Errorf("TakeOver of another holder: %+v", outcome)
	} else {
		outcome.Drop()
	}
	if outcome := c.ask(lease.Ask{Holder: busy.Holder}); outcome.Holder != busy.Holder {
		s.Errorf("without TakeOver: %+v", outcome)
	} else {
		outcome.Drop()
	}
	taken := b.ask(lease.Ask{Holder: busy.Holder, TakeOver: true})
	if taken.Release == nil {
		s.Fatalf("TakeOver: %+v, want the lease", taken)
	}
	defer taken.Release(nil)
	if outcome := c.ask(lease.Ask{Holder: busy.Holder, TakeOver: true}); outcome.Holder == "" || outcome.Holder == busy.Holder {
		s.Errorf("a second TakeOver: %+v, want another holder", outcome)
	} else {
		outcome.Drop()
	}
}

func lateRelease(s *leaseSubject) {
	a, b, c := s.process(), s.process(), s.process()
	slow := a.leads(lease.Ask{Credentials: "mine"})
	busy := b.ask(lease.Ask{Credentials: "mine"})
	busy.Drop()
	taken := b.ask(lease.Ask{Credentials: "mine", Holder: busy.Holder, TakeOver: true})
	if taken.Release == nil {
		s.Fatalf("TakeOver: %+v, want the lease", taken)
	}
	slow.Release(&lease.Failure{Message: "late", Pause: time.Minute})
	s.sleep(100 * time.Millisecond) // it has reached the store
	outcome := c.ask(lease.Ask{Credentials: "mine"})
	if outcome.Holder == "" || outcome.Holder == busy.Holder {
		s.Errorf("after the first holder's end: %+v, want its successor to have it", outcome)
	}
	outcome.Drop()
	taken.Release(nil)
	c.leads(lease.Ask{Credentials: "mine"}).Release(nil)
}
