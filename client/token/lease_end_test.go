package token_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store/lease"
)

// A hook (or a logger on a blocked pipe) that hangs in one process must not keep the
// fleet from fetching.
func TestHungHookDoesNotKeepTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, l := fleet()
		hang := make(chan struct{})
		defer close(hang)
		bad := start(t, &gateway{err: errors.New("down")}, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, Hooks: token.Hooks{FetchDone: func(token.Fetch) { <-hang }}})
		go func() { _, _ = bad.Token(context.Background(), 0) }()
		time.Sleep(10 * time.Minute)
		if !isFree(t, l) {
			t.Error("ten minutes later the lease is still held, and is prolonged every second")
		}
	})
}

// An outage long ago, told by another process, does not lengthen the pause of today's.
func TestTokenOfAnotherEndsTheOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var longest time.Duration
		for range 20 {
			var outcome lease.Outcome
			s := start(t, &gateway{err: errors.New("down")}, token.Config{Tiers: lease.Tiers{Lease: answers(func(context.Context, lease.Ask) (lease.Outcome, error) { return outcome, nil })}})
			for day := range 6 {
				outcome = lease.Outcome{Failure: &lease.Failure{Pause: time.Second}}
				failedFor(t, s)
				time.Sleep(2 * time.Second)
				// Two seconds later the gateway is back, and another process fetches.
				outcome = lease.Outcome{Token: newToken(t, "theirs-"+string(rune(97+day)), time.Hour)}
				mustToken(t, s)
				time.Sleep(24 * time.Hour)
			}
			outcome = lease.Outcome{Release: func(*lease.Failure) {}}
			_, err := s.Token(t.Context(), 0)
			var failed *token.FetchError
			if !errors.As(err, &failed) {
				t.Fatalf("got %v", err)
			}
			longest = max(longest, time.Until(failed.NextAttempt))
		}
		if longest > 2*time.Second {
			t.Errorf("the first own failure, a day after the last outage: pause %v, want at most 2s", longest)
		}
	})
}
