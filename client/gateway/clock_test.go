package gateway_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/secret"
)

// took is how many token requests do makes. No nonce may ever come twice.
func took(t *testing.T, fake *clienttest.Server, do func()) int {
	t.Helper()
	before := fake.Counts().TokenRequests
	do()
	nonces := make(map[any]bool)
	for _, r := range requests(t, fake) {
		if nonces[r["Nonce"]] {
			t.Errorf("nonce %v twice", r["Nonce"])
		}
		nonces[r["Nonce"]] = true
	}
	return fake.Counts().TokenRequests - before
}

// A bubble for each of some clocks that are too wrong for the gateway.
func skewed(t *testing.T, test func(*testing.T, *clienttest.Server)) {
	for _, skew := range []time.Duration{15 * time.Minute, -15 * time.Minute, time.Hour, -time.Hour, 30 * 24 * time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test(t, clienttest.Start(t, clienttest.Options{InMemory: true, Skew: skew}))
			})
		})
	}
}

func TestWrongClockIsLearnedOnceAndHeals(t *testing.T) {
	skewed(t, func(t *testing.T, fake *clienttest.Server) {
		g := open(t, account(t, fake))
		one := func() { fetch(t, g) }
		for step, want := range []int{2, 1, 1} {
			if n := took(t, fake, one); n != want {
				t.Errorf("fetch %d took %d requests, want %d", step+1, n, want)
			}
			time.Sleep(50 * time.Minute)
		}
		fake.SetSkew(0)
		for step, want := range []int{2, 1} {
			if n := took(t, fake, one); n != want {
				t.Errorf("with the clock healed, fetch %d took %d requests, want %d", step+1, n, want)
			}
		}
		fake.SetSkew(-45 * time.Minute) // and goes wrong again, otherwise
		for step, want := range []int{2, 1} {
			if n := took(t, fake, one); n != want {
				t.Errorf("wrong again, fetch %d took %d requests, want %d", step+1, n, want)
			}
		}
	})
}

// While the gateway takes our time, a difference is none of our business; once
// it does, and agrees with our clock, an old correction is forgotten.
func TestCorrectionIsForgottenWhenTheClocksAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := clienttest.Start(t, clienttest.Options{InMemory: true, Skew: 4 * time.Minute, TimestampWindow: 3 * time.Minute})
		g := open(t, account(t, fake))
		stamp := func() time.Duration { // what the last request said, from our time
			all := requests(t, fake)
			at, err := time.Parse(time.RFC3339, all[len(all)-1]["RequestTimeStamp"].(string))
			if err != nil {
				t.Fatal(err)
			}
			return time.Until(at)
		}
		if n := took(t, fake, func() { fetch(t, g) }); n != 2 || stamp() != 4*time.Minute {
			t.Errorf("%d requests, the last %v ahead", n, stamp())
		}
		fake.SetSkew(2 * time.Minute) // in the window of what we say, so nothing changes
		if n := took(t, fake, func() { fetch(t, g) }); n != 1 || stamp() != 4*time.Minute {
			t.Errorf("%d requests, the last %v ahead", n, stamp())
		}
		fake.SetSkew(20 * time.Second)
		fake.SetShape(clienttest.ShapeNone)
		fake.Inject(clienttest.Fault{Body: `{"access_token":"token"}`}) // taken, whatever we say
		fetch(t, g)
		if n := took(t, fake, func() { fetch(t, g) }); n != 1 || stamp() != 0 {
			t.Errorf("%d requests, the last %v ahead", n, stamp())
		}
	})
}

func TestDifferenceInTheWindowIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := clienttest.Start(t, clienttest.Options{InMemory: true, Skew: 4 * time.Minute})
		g := open(t, account(t, fake))
		if n := took(t, fake, func() { fetch(t, g) }); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestWrongPasswordIsOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, skew := range []time.Duration{0, 29 * time.Second, -29 * time.Second} {
			fake := clienttest.Start(t, clienttest.Options{InMemory: true, Skew: skew})
			cfg := account(t, fake)
			cfg.Password = secret.New("wrong")
			g := open(t, cfg)
			for range 3 {
				if n := took(t, fake, func() { failed(t, g, gateway.Refused) }); n != 1 {
					t.Errorf("clock %v: %d requests with a wrong password", skew, n)
				}
			}
		}
	})
}

func TestWrongPasswordAndWrongClockAreTwoRequestsOnce(t *testing.T) {
	skewed(t, func(t *testing.T, fake *clienttest.Server) {
		cfg := account(t, fake)
		cfg.Password = secret.New("wrong")
		g := open(t, cfg)
		for _, want := range []int{2, 1, 1} {
			if n := took(t, fake, func() { failed(t, g, gateway.Refused) }); n != want {
				t.Errorf("%d requests, want %d", n, want)
			}
		}
	})
}

// Those who fetch while somebody else learns the clock are not the worse for it.
func TestConcurrentFetchesWithAWrongClock(t *testing.T) {
	skewed(t, func(t *testing.T, fake *clienttest.Server) {
		fake.SetTokenLatency(time.Second) // so that all have sent before one is answered
		g := open(t, account(t, fake))
		n := took(t, fake, func() {
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if _, err := g.Fetch(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
		if n != 20 {
			t.Errorf("%d requests for 10 tokens, want 20", n)
		}
	})
}

// Only a refusal is worth another attempt.
func TestNoOtherFailureAsksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := clienttest.Start(t, clienttest.Options{InMemory: true, Skew: time.Hour})
		g := open(t, account(t, fake))
		for status, kind := range map[int]gateway.Kind{
			201: gateway.Malformed, 302: gateway.Malformed, 404: gateway.Outage, 429: gateway.Outage, 503: gateway.Outage,
		} {
			if n := took(t, fake, func() {
				fake.Inject(clienttest.Fault{Status: status})
				failed(t, g, kind)
			}); n != 1 {
				t.Errorf("%d: %d requests", status, n)
			}
		}
	})
	g := open(t, stubbed(t, answer(401, ""))) // no Date: nothing to learn
	failed(t, g, gateway.Refused)
}
