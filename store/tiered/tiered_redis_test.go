package tiered_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	redisstore "github.com/advoware-go/advoware/store/redis"
	"github.com/advoware-go/advoware/store/tiered"
)

// onRedis returns a tiered store of memory and a real Redis that tries again after a
// short timeout of the breaker, and its log. Each step waits for Redis for wait at most, 0
// meaning the defaults: a minute is for a Redis that answers, or refuses, on a busy machine too.
func onRedis(t *testing.T, srv *redistest.Server, wait time.Duration) (*tiered.Store, *logged) {
	t.Helper()
	o := redisstore.Options(srv.Addr())
	if wait > 0 {
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = wait, wait, wait, wait
	}
	client := goredis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	log := new(logged)
	logger := slog.New(slog.NewTextHandler(log, nil))
	far, err := redisstore.New(redisstore.Config{Client: client, Timeout: wait, Logger: slog.New(slog.DiscardHandler)}) // it warns of such a wait
	if err != nil {
		t.Fatal(err)
	}
	near, err := memory.New(memory.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	s, err := tiered.New(tiered.Config{Near: near, Far: far, FarWait: wait, FarTimeout: wait, BreakerTimeout: 100 * time.Millisecond, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, log
}

// eventually waits until ok, for what real processes do in their own time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	eventuallyWithin(t, 30*time.Second, what, ok)
}

func eventuallyWithin(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never happened: %s", what)
		}
	}
}

func TestRealRedis(t *testing.T) {
	for _, c := range []struct {
		name       string
		fail, heal func(*redistest.Server)
		wait       time.Duration
	}{
		{"refused at start", (*redistest.Server).Kill, (*redistest.Server).Restart, time.Minute},
		{"hung", (*redistest.Server).Stop, (*redistest.Server).Cont, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			s, log := onRedis(t, srv, c.wait)
			c.fail(srv)
			tok := newToken(t, "a", time.Hour)
			holds(t, "tiered", s, "")
			swap(t, s, store.Token{}, tok)
			for range 100 {
				holds(t, "tiered", s, "a")
			}
			// A process that did not get to run puts timeouts down to that for some seconds. And when
			// Redis is back, a busy machine may make an outage of its own.
			eventually(t, "the outage is told", func() bool { return log.count("level=WARN") > 0 })
			failed := s.Stats().FarErrors
			eventually(t, "it goes on", func() bool { return s.Stats().FarErrors > failed+1 })
			if n := log.count("level=WARN"); n != 1 {
				t.Errorf("%d warnings in one outage:\n%s", n, log)
			}
			c.heal(srv)
			eventually(t, "the token is written when Redis is back", func() bool { return srv.Do("GET", key) == "a" })
			eventually(t, "nothing is pending", func() bool { return s.Stats().PendingWrites == 0 })
		})
	}
	t.Run("killed and back", func(t *testing.T) {
		t.Parallel()
		srv := redistest.Start(t)
		s, log := onRedis(t, srv, time.Minute)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, s, store.Token{}, a)
		if got := srv.Do("GET", key); got != "a" {
			t.Fatalf("Redis holds %v", got)
		}
		srv.Kill()
		holds(t, "tiered", s, "a")
		if standing := swap(t, s, a, b); !standing.Equal(b) {
			t.Errorf("%q stands", standing.Reveal())
		}
		if err := s.CompareAndDelete(context.Background(), key, a); err != nil { // late
			t.Error(err)
		}
		holds(t, "tiered", s, "b")
		srv.Restart()
		eventually(t, "the new token is written back", func() bool { return srv.Do("GET", key) == "b" })
		eventually(t, "the outage is told", func() bool { return log.count("level=WARN") > 0 })
		if n := log.count("level=WARN"); n != 1 {
			t.Errorf("%d warnings in one outage:\n%s", n, log)
		}
		eventually(t, "the end of the outage is told", func() bool { return log.count("reachable again") == 1 })

		other, _ := onRedis(t, srv, time.Minute) // a restart of the process
		holds(t, "another process", other, "b")
	})
}
