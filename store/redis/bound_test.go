package redis_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"

	clienttoken "github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// reaching returns a client in a bubble, and its way to a server outside.
func reaching(t *testing.T, srv interface{ Addr() string }) (*goredis.Client, *redistest.Way) {
	t.Helper()
	way, o := new(redistest.Way), patient(srv.Addr())
	o.Dialer, o.PoolSize = way.Dial, 64 // its timers, which come from another bubble, are for a pool that is empty
	client := newClient(t, o)
	t.Cleanup(func() { time.Sleep(time.Hour) }) // until nothing is on its way any more
	return client, way
}

// far returns a store in a bubble that is a long way from its server.
func far(t *testing.T, srv *redistest.Server, trip time.Duration) *redisstore.Store {
	t.Helper()
	client, way := reaching(t, srv)
	if err := client.Ping(t.Context()).Err(); err != nil { // a connection is at hand
		t.Fatal(err)
	}
	way.Trip(trip)
	return mustNew(t, redisstore.Config{Client: client, ClientHonoursDeadlines: true, Timeout: time.Minute, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// A call that may not wait any longer is told so, and a write goes on without it.
func TestOperationEndsWithTheAllowanceOfItsCall(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	synctest.Test(t, func(t *testing.T) {
		const trip = 2 * time.Second
		s := far(t, srv, trip)
		tok := token(t, "the-token", 40*time.Minute)
		late := func(what string, op func(ctx context.Context) error) {
			t.Helper()
			ctx, call := farwait.With(t.Context(), 20*time.Millisecond)
			began := time.Now()
			err := op(ctx)
			var timeout net.Error
			var passing interface{ Temporary() bool }
			if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() || !errors.As(err, &passing) || !passing.Temporary() {
				t.Errorf("%s: %v", what, err)
			}
			if took := time.Since(began); took != 20*time.Millisecond || call.Left() != 0 {
				t.Errorf("%s: took %v, left %v", what, took, call.Left())
			}
		}
		late("Get", func(ctx context.Context) error { _, err := s.Get(ctx, tokenKey); return err })
		late("CompareAndSwap", func(ctx context.Context) error {
			_, err := s.CompareAndSwap(ctx, tokenKey, store.Token{}, tok)
			return err
		})
		until(t, "the token is there", func() bool { return srv.Do("GET", tokenKey) == "the-token" })
		late("CompareAndDelete", func(ctx context.Context) error { return s.CompareAndDelete(ctx, tokenKey, tok) })
		until(t, "it is gone", func() bool { return srv.Do("GET", tokenKey) == nil })

		// Without a call, Config.Timeout is what counts.
		if _, err := s.Get(t.Context(), tokenKey); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get: %v", err)
		}
		late("the last write", func(ctx context.Context) error {
			_, err := s.CompareAndSwap(ctx, tokenKey, store.Token{}, tok)
			return err
		})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if got := srv.Do("GET", tokenKey); got == nil { // the same token has its tombstone removed by the write
			t.Error("Close did not wait for the last write")
		}
		if _, err := s.CompareAndSwap(farwait.Fresh(t.Context(), 0), tokenKey, store.Token{}, tok); err == nil || !strings.Contains(err.Error(), "has been closed") {
			t.Errorf("a closed Store begins a write that nobody waits for: %v", err)
		}
	})
}

// A Source on a Redis that answers after 200 ms waits for it 250 ms a call, not for each
// step, which are three at least, and its token gets there.
func TestCallWaitsForASlowServerInTotal(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	synctest.Test(t, func(t *testing.T) {
		s := far(t, srv, 200*time.Millisecond)
		held, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
		if err != nil {
			t.Fatal(err)
		}
		defer held.Close()
		src, err := clienttoken.New(clienttoken.Config{
			Store: s, Far: true, Key: tokenKey, Tiers: lease.Tiers{Lease: held}, Credentials: "c", OneShot: true,
			Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
			Fetch:  func(context.Context) (store.Token, error) { return token(t, "fetched", 40*time.Minute), nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		began := time.Now()
		if _, err := src.Token(t.Context(), 0); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != clienttoken.DefaultFarWait {
			t.Errorf("a call took %v", took)
		}
		until(t, "the token is in Redis", func() bool { return srv.Do("GET", tokenKey) == "fetched" })
	})
}

// Why an operation has ended is said once.
func TestReasonOfAnEndIsSaidOnce(t *testing.T) {
	for _, honours := range []bool{false, true} {
		s := mustNew(t, redisstore.Config{Client: newClient(t, redisstore.Options("127.0.0.1:1")), ClientHonoursDeadlines: honours})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Get(ctx, tokenKey); !errors.Is(err, context.Canceled) || strings.Count(err.Error(), "canceled") != 1 {
			t.Errorf("%v", err)
		}
	}
}
