package token_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// answers is a lease that says what a test wants.
type answers func(context.Context, lease.Ask) (lease.Outcome, error)

func (a answers) Acquire(ctx context.Context, _ string, ask lease.Ask) (lease.Outcome, error) {
	return a(ctx, ask)
}

// fleet returns a store and a lease for Sources that share them.
func fleet() (store.Store, *leasemap.Map) {
	shared := new(store.Map)
	return shared, &leasemap.Map{Store: shared}
}

// isFree reports whether nobody holds the lease.
func isFree(t *testing.T, l lease.Lease) bool {
	t.Helper()
	outcome, err := l.Acquire(t.Context(), key, lease.Ask{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	outcome.Drop()
	return outcome.Holder == ""
}

func TestFleetThatStartsColdFetchesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency = 2 * time.Second
		g := &gateway{latency: latency}
		shared, l := fleet()
		var wg sync.WaitGroup
		for range 32 {
			s := start(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
			for range 64 {
				wg.Go(func() {
					began := time.Now()
					f, err := s.Lookup(t.Context(), 0)
					if err != nil || f.Token.Reveal() != "token-1" || !f.Waited {
						t.Errorf("Lookup = %+v, %v", f, err)
					}
					if took := time.Since(began); took > latency+50*time.Millisecond {
						t.Errorf("a caller waited %v", took)
					}
				})
			}
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 1 || !isFree(t, l) {
			t.Errorf("%d fetches, lease free: %v", n, isFree(t, l))
		}
	})
}

// Refused credentials are one token request, however many processes have them.
func TestRefusalOfTheHolderIsEverybodysWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second, err: errors.New("the reason")}
		classify := func(error) (bool, time.Duration) { return true, 0 }
		kind := errors.New("kind refusal")
		shared, l := fleet()
		var wg sync.WaitGroup
		for range 32 {
			s := start(t, g, token.Config{
				Store: shared, Tiers: lease.Tiers{Lease: l}, Credentials: "the same", Errors: known{classify, kind},
			})
			wg.Go(func() {
				_, err := s.Token(context.Background(), 0)
				var failed *token.FetchError
				if !errors.As(err, &failed) || !failed.Refused || !strings.Contains(err.Error(), "the reason") {
					t.Errorf("got %v", err)
					return
				}
				if errors.Is(err, token.ErrRemoteFetch) && (!errors.Is(err, kind) || strings.Contains(err.Error(), "kind")) {
					t.Errorf("%v does not match what the holder met, or repeats it", err)
				}
				if _, again := s.Token(context.Background(), 0); again != err {
					t.Errorf("before the next attempt: %v, want the same error at once", again)
				}
				if left := time.Until(failed.NextAttempt); left > time.Minute || left < time.Minute-time.Second {
					t.Errorf("next attempt in %v", left)
				}
			})
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 1 {
			t.Errorf("%d fetches", n)
		}
	})
}

// Somebody who did not wait has not seen the outage, and may be luckier.
func TestOutageIsNotSharedBeyondThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, l := fleet()
		bad := start(t, &gateway{err: errors.New("down")}, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
		if _, err := bad.Token(t.Context(), 0); err == nil {
			t.Fatal("no error")
		}
		good := start(t, new(gateway), token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
		if tok := mustToken(t, good); tok.Reveal() != "token-1" {
			t.Errorf("got %q", tok.Reveal())
		}
		if tok := mustToken(t, bad); tok.Reveal() != "token-1" {
			t.Errorf("who has failed gets %q", tok.Reveal())
		}
	})
}

func TestLeaseIsPassedOnWhenTheHolderCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, l := fleet()
		first := start(t, &gateway{latency: time.Hour}, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, FetchTimeout: time.Hour})
		second := start(t, new(gateway), token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
		go func() { _, _ = first.Token(context.Background(), 0) }()
		synctest.Wait()
		time.AfterFunc(time.Second, first.Close)
		began := time.Now()
		mustToken(t, second)
		if took := time.Since(began); took < time.Second || took > time.Second+50*time.Millisecond {
			t.Errorf("waited %v for the lease", took)
		}
	})
}

func TestBrokenLeaseDoesNotKeepFromFetching(t *testing.T) {
	for name, l := range map[string]answers{
		"error": func(context.Context, lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{}, errors.New("no Redis")
		},
		"no answer": func(context.Context, lease.Ask) (lease.Outcome, error) { return lease.Outcome{}, nil },
		"the old token": func(_ context.Context, ask lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{Token: ask.Old}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: l}})
				mustToken(t, s)
				if f, err := s.Refresh(t.Context()); err != nil || f.Token.Reveal() != "token-2" {
					t.Errorf("Refresh: %q, %v", f.Token.Reveal(), err)
				}
			})
		})
	}
}

func TestWaitingForALeaseEndsWithTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, l := fleet()
		if _, err := l.Acquire(t.Context(), key, lease.Ask{}); err != nil {
			t.Fatal(err)
		}
		s := start(t, new(gateway), token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
		time.AfterFunc(time.Second, s.Close)
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}

// A store that nobody can read is an error, and no reason to fetch.
func TestNothingIsFetchedWhenNeitherLeaseNorStoreCanBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		broken := answers(func(context.Context, lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{}, errors.New("no Redis")
		})
		s := start(t, g, token.Config{Tiers: lease.Tiers{Lease: broken, Reread: func(context.Context, string) (store.Token, error) {
			return store.Token{}, errors.New("disk on fire")
		}}})
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrStore) || g.fetches.Load() != 0 {
			t.Errorf("Token: %v after %d fetches", err, g.fetches.Load())
		}
	})
}

func TestTokenIsTakenWhileAnotherStillHoldsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		shared, l := fleet()
		if _, err := l.Acquire(t.Context(), key, lease.Ask{}); err != nil {
			t.Fatal(err)
		}
		s := start(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Near: new(store.Map), Lease: l}})
		theirs := newToken(t, "theirs", time.Hour)
		time.AfterFunc(time.Second, func() { _, _ = shared.CompareAndSwap(context.Background(), key, store.Token{}, theirs) })
		f, err := s.Lookup(t.Context(), 0)
		if err != nil || !f.Token.Equal(theirs) || g.fetches.Load() != 0 || f.Origin != token.Far || !f.Waited {
			t.Errorf("got %+v, %v after %d fetches", f, err, g.fetches.Load())
		}
	})
}

// A token that stands already has not been waited for.
func TestTokenOfAnotherProcessIsNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, l := fleet()
		theirs := newToken(t, "theirs", time.Hour)
		if _, err := shared.CompareAndSwap(t.Context(), key, store.Token{}, theirs); err != nil {
			t.Fatal(err)
		}
		s := start(t, new(gateway), token.Config{Store: shared, Tiers: lease.Tiers{Near: new(store.Map), Lease: l}})
		f, err := s.Lookup(t.Context(), 0)
		if err != nil || f.Waited || f.Origin != token.Far || !f.Token.Equal(theirs) {
			t.Errorf("got %+v, %v", f, err)
		}
	})
}

func TestRefreshReplacesWhatCameWhileItWaitedForTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared, l := fleet()
		other, err := l.Acquire(t.Context(), key, lease.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		s := start(t, new(gateway), token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
		time.AfterFunc(time.Second, func() {
			_, _ = shared.CompareAndSwap(context.Background(), key, store.Token{}, newToken(t, "theirs", time.Hour))
			other.Release(nil)
		})
		f, err := s.Refresh(t.Context())
		if err != nil || f.Token.Reveal() != "token-1" || f.Origin != token.Fetched {
			t.Errorf("Refresh = %q, %v, %v; want a token fetched after the call", f.Token.Reveal(), f.Origin, err)
		}
		if tok := mustToken(t, s); tok.Reveal() != "token-1" {
			t.Errorf("%q is stored", tok.Reveal())
		}
	})
}

// The lease must not be asked for while a failure is remembered: it would be taken
// only to be given back.
func TestNoLeaseIsTakenBeforeTheNextAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		shared, inner := fleet()
		l := answers(func(ctx context.Context, ask lease.Ask) (lease.Outcome, error) {
			asked.Add(1)
			return inner.Acquire(ctx, key, ask)
		})
		s := start(t, &gateway{err: errors.New("down")}, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
		for range 10 {
			if _, err := s.Token(t.Context(), 0); err == nil {
				t.Fatal("no error")
			}
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}
