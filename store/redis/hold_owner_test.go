package redis_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A process whose lease went to another one, after a pause that was longer than its TTL, neither
// prolongs nor ends that lease, whatever it does.
func TestLeaseOfAnotherOwnerIsLeftAlone(t *testing.T) {
	t.Parallel()
	const theirs = 40 * time.Second // longer than any TTL of ours
	for name, act := range map[string]func(*testing.T, *redistest.Server, process, lease.Outcome){
		"prolongs": func(t *testing.T, srv *redistest.Server, _ process, _ lease.Outcome) {
			before := evals(t, srv)
			until(t, "two turns", func() bool { return evals(t, srv) >= before+2 })
		},
		"writes its token": func(t *testing.T, srv *redistest.Server, p process, _ lease.Outcome) {
			tok := token(t, "tok", longest)
			if stands, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil || stands != tok {
				t.Errorf("stands %v, %v", stands, err)
			}
		},
		"finds a token": func(t *testing.T, srv *redistest.Server, p process, _ lease.Outcome) {
			srv.Do("SET", tokenKey, "theirs", "EX", "3180")
			if stands, err := p.CompareAndSwap(t.Context(), tokenKey, store.Token{}, token(t, "tok", longest)); err != nil || stands.Reveal() != "theirs" {
				t.Errorf("stands %v, %v", stands, err)
			}
		},
		"gives it back": func(_ *testing.T, _ *redistest.Server, p process, outcome lease.Outcome) {
			outcome.Release(nil)
			_ = p.Close()
		},
		"fails": func(t *testing.T, srv *redistest.Server, p process, outcome lease.Outcome) {
			outcome.Release(&lease.Failure{Message: "down", Pause: time.Minute})
			_ = p.Close()
			if n := srv.Do("EXISTS", failedKey); n != int64(0) {
				t.Error("those who wait for somebody else are told what we met")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			p := newProcess(t, srv, redisstore.LeaseConfig{TTL: 300 * time.Millisecond})
			outcome := p.ask(t, lease.Ask{})
			srv.Do("SET", leaseKey, stranger, "PX", "40000")
			act(t, srv, p, outcome)
			if got := srv.Do("GET", leaseKey); got != stranger {
				t.Errorf("%v has the lease", got)
			}
			if ttl := pttl(t, srv, leaseKey); ttl <= 10*time.Second || ttl > theirs {
				t.Errorf("it lasts for %v", ttl)
			}
		})
	}
}

// What a holder met is told to those who have the same credentials, so there must be some.
func TestFailureWithoutCredentialsIsKeptForNobody(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for _, refused := range []bool{false, true} {
		p := newProcess(t, srv, redisstore.LeaseConfig{})
		outcome, err := p.Acquire(t.Context(), tokenKey, lease.Ask{})
		if err != nil || outcome.Release == nil {
			t.Fatalf("%+v, %v", outcome, err)
		}
		outcome.Release(&lease.Failure{Refused: refused, Message: "why", Pause: time.Minute})
		_ = p.Close()
		if n := srv.Do("EXISTS", leaseKey, failedKey, refusedKey); n != int64(0) {
			t.Errorf("refused %v: %v keys are left", refused, n)
		}
	}
}

// The longest pause is five minutes, and one that is too short to be told is none.
func TestPauseOfAFailure(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	for pause, want := range map[time.Duration]time.Duration{
		10 * time.Minute: 5 * time.Minute, 5 * time.Minute: 5 * time.Minute, time.Microsecond: 0, 0: 0,
	} {
		for _, f := range []lease.Failure{{Pause: pause}, {Refused: true, Pause: pause}, {Shared: true, Pause: pause}} {
			srv.Do("FLUSHALL")
			p := newProcess(t, srv, redisstore.LeaseConfig{})
			outcome := p.ask(t, lease.Ask{})
			busy := newProcess(t, srv, redisstore.LeaseConfig{}).ask(t, lease.Ask{})
			busy.Drop()
			outcome.Release(&f)
			_ = p.Close()
			told := newProcess(t, srv, redisstore.LeaseConfig{}).ask(t, lease.Ask{Holder: busy.Holder, Tried: true}).Failure
			switch {
			case (told != nil) != (want > 0):
				t.Errorf("%+v: told %+v", f, told)
			case told != nil && (told.Pause > want || told.Pause < want-time.Minute):
				t.Errorf("%+v: told for %v, want %v", f, told.Pause, want)
			}
		}
	}
}
