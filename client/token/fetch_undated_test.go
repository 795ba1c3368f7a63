package token_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// A Fetch may not say when its token was issued. It was fetched all the same, for all that asked for that.
func TestFetchedTokenWithoutATimeOfIssue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		s, err := token.New(token.Config{
			Store: new(store.Map), Key: key, OneShot: true, Logger: slog.New(slog.DiscardHandler),
			Tiers: lease.Tiers{Lease: acquires(func(context.Context, string, lease.Ask) (lease.Outcome, error) {
				time.Sleep(100 * time.Millisecond)
				return lease.Outcome{Release: func(*lease.Failure) {}}, nil
			})},
			Fetch: func(context.Context) (store.Token, error) {
				time.Sleep(time.Second)
				fetches++
				return store.NewToken(fmt.Sprint("token-", fetches), time.Time{}, time.Now().Add(time.Hour))
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var all sync.WaitGroup
		all.Go(func() { _, _ = s.Token(t.Context(), 0) })
		synctest.Wait() // those that come before it fetches share its fetch
		for range 3 {
			all.Go(func() {
				if f, err := s.Refresh(t.Context()); err != nil || f.Token.Reveal() != "token-1" {
					t.Errorf("Refresh = %q, %v", f.Token.Reveal(), err)
				}
			})
		}
		all.Wait()
		if fetches != 1 {
			t.Errorf("%d fetches", fetches)
		}
	})
}

// A token that is refused before its run has ended is not one that came into use.
func TestTokenThatIsRefusedWhileItIsFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *token.Source
		var rotated []string
		refuse := true
		s = start(t, new(gateway), token.Config{OneShot: true, Hooks: token.Hooks{
			FetchDone: func(f token.Fetch) {
				if refuse {
					refuse = false
					if err := s.Reject(context.Background(), f.Token); err != nil {
						t.Error(err)
					}
				}
			},
			Rotated: func(r token.Rotation) { rotated = append(rotated, r.New.Reveal()) },
		}})
		for range 2 {
			_, _ = s.Token(t.Context(), 0)
		}
		if got := fmt.Sprint(rotated); got != "[token-2]" {
			t.Errorf("came into use: %s", got)
		}
	})
}
