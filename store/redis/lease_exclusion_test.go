package redis_test

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/internal/watch"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// Of many lockers that want the lease again and again, two never have it at a time, and each
// gets it, whether they are woken by pushes or poll.
func TestLockersExcludeEachOther(t *testing.T) {
	const processes, lockers, turns = 8, 4, 3
	for name, push := range map[string]bool{"push": true, "polling": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			var inside, had atomic.Int32
			var all sync.WaitGroup
			for range processes {
				p := newProcess(t, srv, redisstore.LeaseConfig{Watch: watchOf(t, srv, push), TTL: 10 * time.Second})
				for range lockers {
					all.Go(func() {
						for range turns {
							release, err := p.locked(t)
							if err != nil {
								t.Error(err)
								return
							}
							if n := inside.Add(1); n != 1 {
								t.Errorf("%d have the lease", n)
							}
							had.Add(1)
							_, _ = p.Get(t.Context(), tokenKey) // a trip, in which others may come
							inside.Add(-1)
							release(nil)
						}
					})
				}
			}
			all.Wait()
			if n := had.Load(); n != processes*lockers*turns {
				t.Errorf("%d turns were had", n)
			}
		})
	}
}

// locked waits until it has the lease.
func (p process) locked(t *testing.T) (release func(*lease.Failure), err error) {
	for {
		outcome, err := p.Acquire(t.Context(), tokenKey, lease.Ask{})
		if err != nil || outcome.Release != nil {
			return outcome.Release, err
		}
		if err := outcome.Wait(t.Context()); err != nil {
			return nil, err
		}
	}
}

func watchOf(t *testing.T, srv *redistest.Server, push bool) redisstore.Watch {
	t.Helper()
	if !push {
		return nil
	}
	w, err := watch.New(watch.Config{Client: newClient(t, patient(srv.Addr())), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	stop := w.Follow("other", func(bool) {})
	t.Cleanup(stop)
	until(t, "linked", func() bool { return w.Link() != 0 })
	return w
}

// A server may forget all scripts at any moment (SCRIPT FLUSH, a restart, a failover): each step
// of a lease goes on.
func TestScriptsForgottenBetweenTheStepsOfALease(t *testing.T) {
	srv := redistest.Start(t)
	forget := func() { srv.Do("SCRIPT", "FLUSH") }
	synctest.Test(t, func(t *testing.T) {
		const ttl = 10 * time.Second // which this takes in the bubble, not in Redis
		start := func() process {
			client, _ := reaching(t, srv)
			return processOn(t, mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true}), redisstore.LeaseConfig{TTL: ttl})
		}
		a, b := start(), start()

		held := a.lead(t, lease.Ask{})
		for range 2 { // it is prolonged by a script that was forgotten, and so has an end again
			srv.Do("PERSIST", leaseKey)
			forget()
			time.Sleep(ttl / 3)
			until(t, "prolonged", func() bool { return pttl(t, srv, leaseKey) > 0 })
			forget()
			outcome := b.ask(t, lease.Ask{})
			if outcome.Holder == "" {
				t.Fatalf("not held: %+v", outcome)
			}
			outcome.Drop()
		}
		forget()
		seen := b.ask(t, lease.Ask{})
		forget()
		over := b.ask(t, lease.Ask{Holder: seen.Holder, TakeOver: true})
		if over.Release == nil {
			t.Fatalf("not taken over: %+v", over)
		}
		seen.Drop()
		forget()
		held.Release(nil) // late: it is not a's any more
		tok := token(t, "tok-of-b", longest)
		forget()
		if stands, err := b.CompareAndSwap(t.Context(), tokenKey, store.Token{}, tok); err != nil || stands != tok {
			t.Fatalf("the token of the fetch: %v, %v", stands, err)
		}
		if srv.Do("EXISTS", leaseKey) != int64(0) {
			t.Error("the write of the token did not end the lease")
		}
		over.Release(nil)

		last := a.lead(t, lease.Ask{Old: tok})
		waits := b.ask(t, lease.Ask{Old: tok, Tried: true})
		forget()
		last.Release(&lease.Failure{Message: "the gateway is down", Pause: time.Minute})
		until(t, "released", func() bool { return srv.Do("EXISTS", leaseKey) == int64(0) })
		forget()
		told := b.ask(t, lease.Ask{Old: tok, Tried: true, Holder: waits.Holder})
		if told.Failure == nil || told.Failure.Message != "the gateway is down" {
			t.Errorf("%+v; want what the holder met", told)
		}
		waits.Drop()
	})
}
