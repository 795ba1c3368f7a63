package token_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestLateRefusalsOfOneTokenCostOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		old := mustToken(t, s)
		var wg sync.WaitGroup
		for i := range 1000 { // over 5 s: before, during and after the fetch
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 5 * time.Millisecond)
				if err := s.Reject(t.Context(), old); err != nil {
					t.Errorf("Reject: %v", err)
				}
				if tok := mustToken(t, s); tok.Reveal() != "token-2" {
					t.Errorf("then %q, want token-2", tok.Reveal())
				}
			})
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 2 {
			t.Errorf("%d fetches, want the first and one more", n)
		}
	})
}

func TestNewerTokenInTheStoreIsTakenInsteadOfAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		near, shared := new(store.Map), new(store.Map)
		s := start(t, g, token.Config{Store: &pair{near, shared}, Tiers: lease.Tiers{Near: near}})
		old := mustToken(t, s)
		theirs := newToken(t, "theirs", time.Hour)
		_, _ = shared.CompareAndSwap(t.Context(), key, old, theirs)
		if err := s.Reject(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		if tok := mustToken(t, s); !tok.Equal(theirs) {
			t.Errorf("got %q", tok.Reveal())
		}
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

func TestStoreThatKeepsARejectedTokenIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		near, shared := new(store.Map), new(store.Map)
		s := start(t, g, token.Config{Store: &pair{near, shared}, Tiers: lease.Tiers{Near: near}})
		old := mustToken(t, s)
		if err := s.Reject(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		_, _ = shared.CompareAndSwap(t.Context(), key, store.Token{}, old) // a slower process wrote it back
		if tok := mustToken(t, s); tok.Reveal() != "token-2" {
			t.Errorf("got %q", tok.Reveal())
		}
	})
}

func TestEndpointThatAlwaysRefusesCostsThreeFetchesAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 100 * time.Millisecond}
		s := start(t, g, token.Config{})
		for range 600 { // one minute
			tok := mustToken(t, s)
			if err := s.Reject(t.Context(), tok); errors.Is(err, token.ErrRejectBudget) {
				if again := mustToken(t, s); !again.Equal(tok) {
					t.Fatal("with the budget spent the token was taken away all the same")
				}
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := g.fetches.Load(); n < 4 || n > 1+3+3 {
			t.Errorf("%d fetches in a minute, want the first and 3", n)
		}
	})
}

func TestRealRevocationsAreAlwaysRecovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		s := start(t, g, token.Config{})
		for i := range 5 {
			old := mustToken(t, s)
			if err := s.Reject(t.Context(), old); err != nil {
				t.Fatalf("revocation %d: %v", i+1, err)
			}
			foundhook.Accepted(mustFind(t, s)) // the retry worked: it is refunded
			time.Sleep(12 * time.Second)
		}
		if n := g.fetches.Load(); n != 6 {
			t.Errorf("%d fetches, want 6", n)
		}
	})
}

func TestBudgetComesBackAfterAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{})
		reject := func() error { return s.Reject(t.Context(), mustToken(t, s)) }
		for range 3 {
			if err := reject(); err != nil {
				t.Fatal(err)
			}
		}
		mustToken(t, s)
		if err := reject(); !errors.Is(err, token.ErrRejectBudget) {
			t.Errorf("the fourth: %v", err)
		}
		time.Sleep(time.Minute)
		if err := reject(); err != nil {
			t.Errorf("after a minute: %v", err)
		}
	})
}

func TestRejectTakesNothingAwayWhileTheGatewayIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{})
		tok := mustToken(t, s)
		g.fail(errors.New("down"))
		_, _ = s.Refresh(t.Context())
		var failed *token.FetchError
		if err := s.Reject(t.Context(), tok); !errors.As(err, &failed) {
			t.Errorf("Reject: %v", err)
		}
		if again := mustToken(t, s); !again.Equal(tok) {
			t.Errorf("got %q", again.Reveal())
		}
	})
}

func TestRejectReportsAStoreThatDoesNotDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := errors.New("read only")
		s := start(t, new(gateway), token.Config{Store: &faulty{cadErr: stuck}})
		if err := s.Reject(t.Context(), mustToken(t, s)); !errors.Is(err, stuck) {
			t.Errorf("got %v", err)
		}
		if err := s.Reject(t.Context(), store.Token{}); err != nil {
			t.Errorf("no token: %v", err)
		}
	})
}

func TestRejectOverAStoreThatCannotBeReadChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(faulty)
		s := start(t, new(gateway), token.Config{Store: st})
		tok := mustToken(t, s)
		st.getErr = errors.New("disk on fire")
		if err := s.Reject(t.Context(), tok); !errors.Is(err, token.ErrStore) || s.Stats().Rejects != 0 {
			t.Errorf("Reject: %v, %d rejections", err, s.Stats().Rejects)
		}
		st.getErr = nil
		if again := mustToken(t, s); !again.Equal(tok) {
			t.Errorf("got %q", again.Reveal())
		}
	})
}

func TestTokenThatIsRejectedTwiceCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := errors.New("read only")
		s := start(t, new(gateway), token.Config{Store: &faulty{cadErr: stuck}})
		tok := mustToken(t, s)
		for range 2 {
			if err := s.Reject(t.Context(), tok); !errors.Is(err, stuck) {
				t.Errorf("Reject: %v", err)
			}
		}
		if n := s.Stats().Rejects; n != 1 {
			t.Errorf("%d rejections", n)
		}
	})
}

func TestOneRejectionCostsOneWithdrawal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(gateway), token.Config{})
		if err := s.Reject(t.Context(), mustToken(t, s)); err != nil {
			t.Fatal(err)
		}
		mustToken(t, s)
		for range 5 { // nothing to do with the 401
			if _, err := s.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Reject(t.Context(), mustToken(t, s)); err != nil {
			t.Errorf("the second rejection: %v", err)
		}
	})
}

// However many callers meet a token that was revoked, it was rejected once.
func TestRejectionIsToldOnceHoweverManyMeetIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told script
		var logged bytes.Buffer
		near := new(store.Map)
		far := &counted{pair: pair{near, new(store.Map)}}
		s, err := token.New(token.Config{
			Store: far, Tiers: lease.Tiers{Near: near}, Key: key, Fetch: (&gateway{latency: time.Second}).fetch,
			Hooks: token.Hooks{Rejected: told.hooks().Rejected}, Logger: slog.New(slog.NewTextHandler(&logged, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		tok := mustToken(t, s)
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				if err := s.Reject(t.Context(), tok); err != nil {
					t.Error(err)
				}
				if another := mustToken(t, s); another.Equal(tok) {
					t.Error("the refused token came back")
				}
			})
		}
		wg.Wait()
		if events := told.take(); len(events) != 1 {
			t.Errorf("the hook was called %d times", len(events))
		}
		if n := strings.Count(logged.String(), "token rejected"); n != 1 {
			t.Errorf("%d lines in the log", n)
		}
		if n := far.deletions.Load(); n != 1 {
			t.Errorf("%d deletions in the far store", n)
		}
		if n := s.Stats().Rejects; n != 1 {
			t.Errorf("%d counted", n)
		}
	})
}

// counted is a pair that counts deletions.
type counted struct {
	pair
	deletions atomic.Int64
}

func (c *counted) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	c.deletions.Add(1)
	return c.pair.CompareAndDelete(ctx, key, old)
}
