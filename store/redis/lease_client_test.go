package redis_test

import (
	"context"
	"testing"

	"github.com/advoware-go/advoware/internal/redistest"
	"github.com/advoware-go/advoware/store/lease"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// A client that may not honour deadlines has its answers watched: a lease that comes after its
// caller has left is released. One that comes in time is kept.
func TestLeaseOfAClientThatIsNotOursIsKept(t *testing.T) {
	srv := redistest.Start(t)
	s := mustNew(t, redisstore.Config{Client: newClient(t, patient(srv.Addr()))})
	l, err := redisstore.NewLease(redisstore.LeaseConfig{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ask := func(key string) lease.Outcome {
		t.Helper()
		outcome, err := l.Acquire(ctx, key, lease.Ask{})
		if err != nil || outcome.Release == nil {
			t.Fatalf("%+v, %v", outcome, err)
		}
		return outcome
	}
	ask("other").Drop() // the server knows the script to take a lease now
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = redisstore.NewLease(redisstore.LeaseConfig{Store: s}); err != nil {
		t.Fatal(err)
	}
	before := evals(t, srv)
	outcome := ask(tokenKey)
	outcome.Release(nil)
	if err := l.Close(); err != nil { // waits for what was begun in the background
		t.Fatal(err)
	}
	if n := evals(t, srv) - before; n != 2 {
		t.Errorf("%d scripts were run, want one to take the lease and one to release it", n)
	}
}
