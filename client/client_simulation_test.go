package client_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/clienthook"
	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// The simulations run days in virtual time: the real client, source, stores and
// gateway code against the fake Advoware on a network in memory.

// sharedLife is how long the processes that share a store see one token.
const sharedLife = 53 * time.Minute

// simulation is a fake Advoware with the parts that processes share.
type simulation struct {
	t     *testing.T
	fake  *clienttest.Server
	far   *store.Map
	lease *leasemap.Map
}

func simulate(t *testing.T, run func(*testing.T, *simulation)) {
	if underRace {
		// The timers of a bubble have one context of the race detector, which ends the program
		// (ThreadSanitizer: CHECK failed) if a goroutine that one timer woke runs another while
		// the bubble runs a third. That takes two processors, and very many timers.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}
	synctest.Test(t, func(t *testing.T) {
		fake := clienttest.Start(t, clienttest.Options{InMemory: true, TokenLatency: 2 * time.Second})
		far := new(store.Map)
		run(t, &simulation{t: t, fake: fake, far: far, lease: &leasemap.Map{Store: far}})
	})
}

// process returns the client of one more process, which shares far and lease with
// the others.
func (s *simulation) process() *client.Client {
	s.t.Helper()
	must := func(err error) {
		if err != nil {
			s.t.Fatal(err)
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	o := s.fake.Options()
	key, err := signer.ParseKey(o.APIKey)
	must(err)
	gw, err := gateway.New(gateway.Config{
		URL: s.fake.TokenURL(), AllowInsecure: true, App: o.AppID, Kanzlei: o.Kanzlei, Database: o.Database, User: o.User,
		Password: secret.New(o.Password), Key: key, Base: s.fake.Transport(), Logger: quiet,
	})
	must(err)
	near := new(store.Map)
	both, err := tiered.New(tiered.Config{Near: near, Far: s.far, Lease: s.lease, Logger: quiet})
	must(err)
	source, err := token.New(token.Config{
		Store: both, Tiers: both.Tiers(), Key: "k", Fetch: gw.Fetch, Errors: gateway.Errors{}, Logger: quiet,
	})
	must(err)
	cfg := client.Config{BaseURL: s.fake.BaseURL(), AllowInsecure: true, Source: source, Base: s.fake.Transport(), Logger: quiet}
	clienthook.Attach(&cfg, clienthook.Stores{Close: both.Close})
	c, err := client.New(cfg)
	must(err)
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// atMost returns 1.2 times the least number of token requests for so long.
func atMost(long time.Duration) (least, most int) {
	least = int((long + sharedLife - 1) / sharedLife)
	return least, least * 12 / 10
}

func TestSimulationOneBusyProcessForADay(t *testing.T) {
	length, every := 24*time.Hour, time.Second
	if underRace { // for time
		length /= 6
		every *= 4
	}
	simulate(t, func(t *testing.T, s *simulation) {
		c := s.process()
		for began := time.Now(); time.Since(began) < length; time.Sleep(every) {
			if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees/1"}); err != nil {
				t.Fatalf("after %v: %v", time.Since(began), err)
			}
		}
		st, requests := c.Stats(), s.fake.Counts().TokenRequests
		t.Logf("%v: %d calls, %d waited, hit rate %.6f, %d token requests", length, st.Calls, st.TokenWaits, st.HitRate, requests)
		if st.TokenWaits != 1 {
			t.Errorf("%d calls waited, want just the first", st.TokenWaits)
		}
		if least, most := atMost(length); requests < least || requests > most {
			t.Errorf("%d token requests, want %d to %d", requests, least, most)
		}
	})
}

func TestSimulationThousandProcessesForAWeek(t *testing.T) {
	const week = 7 * 24 * time.Hour
	processes := 1000
	if underRace {
		processes = 16 // for time: the race detector has seen all there is by then
	}
	simulate(t, func(t *testing.T, s *simulation) {
		var lookups, waits atomic.Int64
		var wg sync.WaitGroup
		for range processes {
			source := s.process().Source()
			wg.Go(func() {
				for began := time.Now(); time.Since(began) < week; time.Sleep(10*time.Minute + rand.N(10*time.Minute)) {
					f, err := source.Lookup(context.Background(), 0)
					if err != nil {
						t.Errorf("after %v: %v", time.Since(began), err)
						return
					}
					lookups.Add(1)
					if f.Waited {
						waits.Add(1)
					}
				}
			})
		}
		wg.Wait()
		requests := s.fake.Counts().TokenRequests
		t.Logf("a week of %d processes: %d lookups, hit rate %.6f, %d token requests",
			processes, lookups.Load(), 1-float64(waits.Load())/float64(lookups.Load()), requests)
		if waits.Load() > int64(processes) {
			t.Errorf("%d lookups waited, want at most the first of each process", waits.Load())
		}
		if least, most := atMost(week); requests < least || requests > most {
			t.Errorf("%d token requests, want %d to %d", requests, least, most)
		}
	})
}

func TestSimulationGatewayDownAroundARenewal(t *testing.T) {
	every := time.Second
	if underRace {
		every *= 4 // for time
	}
	simulate(t, func(t *testing.T, s *simulation) {
		c := s.process()
		// The renewal falls into the ten minutes from here on.
		defer time.AfterFunc(44*time.Minute, func() {
			s.fake.Inject(clienttest.Fault{On: clienttest.TokenEndpoint, Times: -1, Status: http.StatusServiceUnavailable})
		}).Stop()
		defer time.AfterFunc(54*time.Minute, s.fake.ClearFaults).Stop()
		for began := time.Now(); time.Since(began) < 2*time.Hour; time.Sleep(every) {
			if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees/1"}); err != nil {
				t.Fatalf("after %v: %v", time.Since(began), err)
			}
		}
		st, n := c.Stats(), s.fake.Counts()
		t.Logf("gateway down for 10 minutes around a renewal: %d calls, %d waited, 0 errors, %d token requests of which %d met the outage",
			st.Calls, st.TokenWaits, n.TokenRequests, n.Faults)
		if n.Faults == 0 {
			t.Error("the outage was not met")
		}
		if st.TokenWaits != 1 {
			t.Errorf("%d calls waited, want just the first", st.TokenWaits)
		}
	})
}

func TestSimulationGatewayDownForThreeHours(t *testing.T) {
	every := time.Second
	if underRace {
		every *= 4 // for time
	}
	simulate(t, func(t *testing.T, s *simulation) {
		c := s.process()
		call := func() error {
			_, err := c.Call(t.Context(), client.Request{Endpoint: "/employees/1"})
			return err
		}
		if err := call(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		s.fake.Inject(clienttest.Fault{On: clienttest.TokenEndpoint, Times: -1, Status: http.StatusServiceUnavailable})
		var firstError time.Duration
		for ; time.Since(began) < 3*time.Hour; time.Sleep(every) {
			if err := call(); err != nil && firstError == 0 {
				firstError = time.Since(began)
			}
		}
		attempts := s.fake.Counts().Faults
		s.fake.ClearFaults()
		back := time.Now()
		for call() != nil {
			time.Sleep(time.Second)
		}
		recovery := time.Since(back)
		t.Logf("gateway down for 3 hours: first error after %v, %d attempts, recovered %v after its end", firstError, attempts, recovery)
		if expiry := 55*time.Minute - 10*time.Second; firstError < expiry-5*time.Second {
			t.Errorf("an error after %v, while the token was valid", firstError)
		}
		// From the second minute on the pause is drawn from 1 to 60 s, half a minute on
		// average: some 270 attempts in the 136 minutes from the earliest renewal on.
		if attempts < 100 || attempts > 400 {
			t.Errorf("%d attempts", attempts)
		}
		if recovery > time.Minute+5*time.Second {
			t.Errorf("recovered after %v, more than one backoff step", recovery)
		}
	})
}
