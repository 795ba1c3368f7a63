package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	vendor "github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/reason"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store/lease"
)

// refusals are what a gateway says, how long it is left alone then, and how often a fleet of
// any size asks in ten minutes.
var refusals = []struct {
	name     string
	err      vendor.TokenError
	pause    time.Duration
	requests int
}{
	{"wrong credentials", vendor.TokenError{Kind: vendor.Refused, Reason: reason.WrongCredentials}, time.Minute, 10},
	{"not enabled", vendor.TokenError{Kind: vendor.Refused, Reason: reason.NotEnabled}, time.Minute, 10},
	{"not registered", vendor.TokenError{Kind: vendor.Refused, Reason: reason.NotRegistered}, time.Minute, 10},
	{"refused, unknown why", vendor.TokenError{Kind: vendor.Refused}, time.Minute, 10},
	{"not connected", vendor.TokenError{Kind: vendor.Outage, Reason: reason.NotConnected}, 70 * time.Second, 9},
	{"not connected, told to wait", vendor.TokenError{Kind: vendor.Outage, Reason: reason.NotConnected, RetryAfter: 2 * time.Minute}, 2 * time.Minute, 5},
	{"not connected, told to wait a day", vendor.TokenError{Kind: vendor.Outage, Reason: reason.NotConnected, RetryAfter: 24 * time.Hour}, 5 * time.Minute, 2},
}

// Eight processes that call again and again, each with its own memory, ask the gateway as
// often as one, and each of their callers is told why.
func TestFleetAsksAsOftenAsOneProcess(t *testing.T) {
	pause := 500 * time.Millisecond
	if underRace {
		pause *= 2 // for time
	}
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{err: &tt.err, latency: 100 * time.Millisecond}
				shared, l := fleet()
				for range 8 {
					s := start(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, Credentials: "the same", Errors: vendor.Errors{}})
					go func() {
						for began := time.Now(); time.Since(began) < 10*time.Minute; time.Sleep(pause) {
							wantToldWhy(t, s, &tt.err)
						}
					}()
				}
				time.Sleep(11 * time.Minute)
				if n := int(g.fetches.Load()); n > tt.requests || n < tt.requests-1 {
					t.Errorf("%d token requests in ten minutes, want about %d", n, tt.requests)
				}
				at := g.times()
				for i := range at[1:] {
					if pause := at[i+1].Sub(at[i]); pause < tt.pause || pause > tt.pause+2*time.Second {
						t.Errorf("pause %d is %v, want %v", i+1, pause, tt.pause)
					}
				}
			})
		})
	}
}

// wantToldWhy checks that a call fails for the reason that the gateway gave to some process.
func wantToldWhy(t *testing.T, s *token.Source, said *vendor.TokenError) {
	t.Helper()
	_, err := s.Token(context.Background(), 0)
	failed, ok := errors.AsType[*token.FetchError](err)
	if !ok || failed.Refused != (said.Kind == vendor.Refused) || failed.Temporary() == failed.Refused {
		t.Errorf("got %v", err)
		return
	}
	if why, known := errors.AsType[reason.Reason](err); why != said.Reason || known != (why != reason.Unknown) {
		t.Errorf("%v is %v, want %v", err, why, said.Reason)
	}
	if errors.Is(err, vendor.ErrRefused) != failed.Refused || errors.Is(err, vendor.ErrOutage) == failed.Refused {
		t.Errorf("%v matches the other kind", err)
	}
}

// What is one Kanzlei's does not hold up another one on the same Fetcher and store.
func TestOneThatIsNotConnectedHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		off, on := &gateway{err: &vendor.TokenError{Reason: reason.NotConnected}}, new(gateway)
		shared, l := fleet()
		config := func(credentials string) token.Config {
			return token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, Credentials: credentials, Errors: vendor.Errors{}}
		}
		a, b := start(t, off, config("a")), start(t, on, config("b"))
		wantToldWhy(t, a, &vendor.TokenError{Reason: reason.NotConnected})
		began := time.Now()
		mustToken(t, b)
		if took := time.Since(began); took > 0 {
			t.Errorf("it waited %v", took)
		}
	})
}

// Refresh tries at once, and ends the pause for all others when it succeeds.
func TestRefreshEndsThePauseOfAnOfficeThatIsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{err: &vendor.TokenError{Reason: reason.NotConnected}}
		shared, l := fleet()
		var all []*token.Source
		for range 3 {
			s := start(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, Credentials: "the same", Errors: vendor.Errors{}})
			wantToldWhy(t, s, &vendor.TokenError{Reason: reason.NotConnected})
			all = append(all, s)
		}
		g.fail(nil) // the office has switched its server on
		wantToldWhy(t, all[1], &vendor.TokenError{Reason: reason.NotConnected})
		if _, err := all[0].Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			mustToken(t, s)
		}
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d token requests", n)
		}
	})
}

// A token that still serves is renewed when the office is back, before it ends.
func TestOfficeThatIsOffAtARenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{Errors: vendor.Errors{}})
		mustToken(t, s)
		g.fail(&vendor.TokenError{Reason: reason.NotConnected})
		off := time.Now().Add(52 * time.Minute) // the renewal is due before that
		for time.Now().Before(off) {
			mustToken(t, s)
			time.Sleep(time.Second)
		}
		if n := g.fetches.Load(); n < 2 || n > 7 {
			t.Errorf("%d token requests, want one each 70 s since the renewal was due", n)
		}
		g.fail(nil)
		for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); time.Sleep(time.Second) {
			mustToken(t, s)
		}
	})
}
