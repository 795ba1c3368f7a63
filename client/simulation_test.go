package client_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
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
	lease *mapLease
}

func simulate(t *testing.T, run func(*testing.T, *simulation)) {
	synctest.Test(t, func(t *testing.T) {
		fake, err := clienttest.New(clienttest.Options{InMemory: true, TokenLatency: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer fake.Close()
		run(t, &simulation{t: t, fake: fake, far: new(store.Map), lease: new(mapLease)})
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
	both, err := tiered.New(tiered.Config{Near: near, Far: s.far, Logger: quiet})
	must(err)
	source, err := token.New(token.Config{
		Store: both, Near: near, Reread: both.Reread, Key: "k", Fetch: gw.Fetch, Classify: gateway.Classify, Lease: s.lease, Logger: quiet,
	})
	must(err)
	c, err := client.New(client.Config{
		BaseURL: s.fake.BaseURL(), AllowInsecure: true, Source: source, Base: s.fake.Transport(), Logger: quiet, OnClose: both.Close,
	})
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
	simulate(t, func(t *testing.T, s *simulation) {
		c := s.process()
		for began := time.Now(); time.Since(began) < 24*time.Hour; time.Sleep(time.Second) {
			if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees/1"}); err != nil {
				t.Fatalf("after %v: %v", time.Since(began), err)
			}
		}
		st, requests := c.Stats(), s.fake.Counts().TokenRequests
		t.Logf("24 h: %d calls, %d waited, hit rate %.6f, %d token requests", st.Calls, st.TokenWaits, st.HitRate, requests)
		if st.TokenWaits != 1 {
			t.Errorf("%d calls waited, want just the first", st.TokenWaits)
		}
		if least, most := atMost(24 * time.Hour); requests < least || requests > most {
			t.Errorf("%d token requests, want %d to %d", requests, least, most)
		}
	})
}

func TestSimulationThousandProcessesForAWeek(t *testing.T) {
	const week = 7 * 24 * time.Hour
	processes := 1000
	if underRace {
		processes = 100 // a tenth, for time: the race detector has seen them all by then
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

// mapLease is a lease that processes of a simulation share.
type mapLease struct {
	mu   sync.Mutex
	held map[string]bool
}

func (l *mapLease) Acquire(_ context.Context, key string) (release func(), held bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[key] {
		return nil, false, nil
	}
	if l.held == nil {
		l.held = make(map[string]bool)
	}
	l.held[key] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, key)
	}, true, nil
}
