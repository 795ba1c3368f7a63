package token_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/status"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/leasemap"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered"
)

// created returns how many goroutines there have been in the process: a timer that calls a
// function makes one.
func created() uint64 {
	s := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// A lazy Source does nothing by itself, however long it is left alone, and whatever the
// calls before met. One that is not lazy does.
func TestLazyDoesNothingBetweenCalls(t *testing.T) {
	for name, tt := range map[string]struct {
		lazy bool
		err  error
	}{
		"lazy": {lazy: true}, "lazy, and the gateway fails": {lazy: true, err: errors.New("down")}, "not lazy": {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: time.Second}
				shared, l := fleet()
				var follows atomic.Int64
				follow := func(string, func(store.Token)) func() { follows.Add(1); return func() {} }
				s := start(t, g, token.Config{Lazy: tt.lazy, Store: shared, Tiers: lease.Tiers{Lease: l, Follow: follow}})
				mustToken(t, s)
				g.fail(tt.err)
				for range 60 { // into the time of the renewal, and beyond it
					time.Sleep(time.Minute)
					_, err := s.Token(t.Context(), 0)
					if tt.err == nil && err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				runtime.GC() // whose goroutines are counted too
				before, running := created(), runtime.NumGoroutine()
				time.Sleep(1000 * time.Hour)
				synctest.Wait()
				did := created() != before || follows.Load() > 0
				if did == tt.lazy || tt.lazy && runtime.NumGoroutine() > running {
					t.Errorf("%d goroutines in 1000 hours, %d of them run, followed %d times", created()-before, runtime.NumGoroutine()-running, follows.Load())
				}
			})
		})
	}
}

// The call that finds the token due waits for the new one, and no other call does.
func TestLazyCallThatFindsTheTokenDueRenewsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second}
		var planned atomic.Int64
		s := start(t, g, token.Config{Lazy: true, Hooks: token.Hooks{RenewalPlanned: func(store.Token, time.Time) { planned.Add(1) }}})
		waited, err := day(t, s, 24*time.Hour)
		const least = 28 // 24 h / 53 min, rounded up
		n := g.fetches.Load()
		if err != nil || n < least || n > least*12/10 || int64(waited) != n || planned.Load() != n {
			t.Errorf("%d fetches in 24 h, %d calls waited, %d renewals planned, error %v", n, waited, planned.Load(), err)
		}
		for s.Status().State != status.Due {
			mustToken(t, s)
			time.Sleep(time.Minute)
		}
		var late atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				began := time.Now()
				if _, err := s.Token(t.Context(), 0); err != nil {
					t.Error(err)
				}
				if time.Since(began) > 0 {
					late.Add(1)
				}
			})
		}
		wg.Wait()
		if g.fetches.Load() != n+1 || late.Load() != 1 {
			t.Errorf("%d token requests and %d waits of 50 calls, want one", g.fetches.Load()-n, late.Load())
		}
		if st := s.Status(); st.State != status.Fresh || st.Renewal.IsZero() {
			t.Errorf("%+v; want fresh, with a renewal planned", st)
		}
	})
}

// due returns a lazy Source whose token is due.
func due(t *testing.T, g *gateway, cfg token.Config) *token.Source {
	t.Helper()
	cfg.Lazy = true
	s := start(t, g, cfg)
	mustToken(t, s)
	for s.Status().State != status.Due {
		time.Sleep(time.Second)
	}
	return s
}

// Whatever becomes of the renewal: while the token is valid it serves, nobody is kept for
// long, and the gateway is not asked again at once.
func TestLazyRenewalThatFails(t *testing.T) {
	for name, tt := range map[string]struct {
		latency time.Duration
		err     error
		timeout time.Duration // of the call
		most    time.Duration // that it may take
	}{
		"refused":                  {latency: time.Second, err: errors.New("down"), most: time.Second},
		"hangs":                    {latency: time.Hour, most: 4 * time.Second},
		"hangs, and time is short": {latency: time.Hour, timeout: time.Second, most: time.Second / 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: time.Second}
				s := due(t, g, token.Config{})
				g.latency = tt.latency
				g.fail(tt.err)
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				began := time.Now()
				f, err := s.Lookup(ctx, 0)
				if took := time.Since(began); err != nil || !f.Waited || f.Token.Reveal() != "token-1" || took > tt.most || took == 0 {
					t.Errorf("%q, %v after %v; want the old token within %v", f.Token.Reveal(), err, took, tt.most)
				}
				n := g.fetches.Load()
				if f, err := s.Lookup(t.Context(), 0); err != nil || f.Waited || g.fetches.Load() != n {
					t.Errorf("the next call: %+v, %v, %d token requests more", f, err, g.fetches.Load()-n)
				}
				time.Sleep(5 * time.Second) // the request that hangs has been given up
				synctest.Wait()
				g.latency = time.Second
				g.fail(nil)
				time.Sleep(15 * time.Second) // and the pause is over
				if f, err := s.Lookup(t.Context(), 0); err != nil || f.Token.Reveal() == "token-1" {
					t.Errorf("when the gateway is back: %+v, %v", f, err)
				}
			})
		})
	}
}

// While another process renews the token, a lazy one goes on with the old one, and takes
// the new one as soon as that is there.
func TestLazyDoesNotWaitForAnotherProcessThatRenews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second}
		shared, l := fleet()
		cfg := token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}}
		s := due(t, g, cfg)
		other, err := l.Acquire(t.Context(), key, lease.Ask{Old: mustRead(t, shared)})
		if err != nil || other.Release == nil {
			t.Fatalf("%+v, %v", other, err)
		}
		for range 10 {
			began := time.Now()
			if f, err := s.Lookup(t.Context(), 0); err != nil || time.Since(began) > 0 || f.Token.Reveal() != "token-1" {
				t.Errorf("%+v, %v after %v; want the old token at once", f, err, time.Since(began))
			}
			time.Sleep(time.Second)
		}
		other.Release(nil)
		if f, err := s.Lookup(t.Context(), 0); err != nil || g.fetches.Load() > 2 {
			t.Errorf("%+v, %v, %d token requests", f, err, g.fetches.Load())
		}
		time.Sleep(2 * time.Second)
		if f, err := s.Lookup(t.Context(), 0); err != nil || f.Token.Reveal() != "token-2" || g.fetches.Load() != 2 {
			t.Errorf("%+v, %v, %d token requests; want the renewed token", f, err, g.fetches.Load())
		}
	})
}

func mustRead(t *testing.T, s store.Store) store.Token {
	t.Helper()
	tok, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// After a pause of any length a call gets a valid token, and only the one that fetches it
// for all of them takes time.
func TestLazyAfterAPauseOfAnyLength(t *testing.T) {
	for _, pause := range []time.Duration{time.Second, 45 * time.Minute, 54 * time.Minute, 55 * time.Minute, 24 * time.Hour, 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			g := &gateway{latency: time.Second}
			s := start(t, g, token.Config{Lazy: true})
			for range 20 {
				tok := mustToken(t, s)
				if !tok.ValidAt(time.Now()) {
					t.Fatalf("after %v: a token that has ended", pause)
				}
				time.Sleep(pause)
			}
			if n := g.fetches.Load(); n > 20 {
				t.Errorf("after %v: %d token requests of 20 calls", pause, n)
			}
		})
	}
}

// A refused token, a refused login and a longer token are for a lazy Source what they are
// for any.
func TestLazyKeepsTheOtherPromises(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: time.Second}
		shared, l := fleet()
		s := start(t, g, token.Config{Lazy: true, Store: shared, Tiers: lease.Tiers{Lease: l}, Errors: classified(func(error) (bool, time.Duration) { return true, 0 })})
		first := mustToken(t, s)
		if err := s.Reject(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if second := mustToken(t, s); second.Equal(first) || g.fetches.Load() != 2 {
			t.Errorf("%v after %v was refused, %d token requests", second, first, g.fetches.Load())
		}
		time.Sleep(50 * time.Minute) // due
		if tok, err := s.Token(t.Context(), 25*time.Minute); err != nil || store.Remaining(time.Now(), tok.Expiry()) < 25*time.Minute {
			t.Errorf("%v, %v; want one that lasts", tok, err)
		}
		g.fail(errors.New("wrong password"))
		time.Sleep(time.Hour)
		n := g.fetches.Load()
		for range 59 {
			var failed *token.FetchError
			if _, err := s.Token(t.Context(), 0); !errors.As(err, &failed) || !failed.Refused {
				t.Errorf("%v, want that the login was refused", err)
			}
			time.Sleep(time.Second)
		}
		if g.fetches.Load() != n+1 {
			t.Errorf("%d token requests in a minute", g.fetches.Load()-n)
		}
		s.Close()
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrClosed) {
			t.Errorf("closed: %v", err)
		}
	})
}

// A lazy fleet makes as few token requests as any other.
func TestLazyFleetFetchesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 2 * time.Second}
		shared := new(store.Map)
		l := &leasemap.Map{Store: shared}
		var fleet []*token.Source
		for range 20 {
			both, err := tiered.New(tiered.Config{Lazy: true, Near: new(store.Map), Far: shared, Lease: l})
			if err != nil {
				t.Fatal(err)
			}
			fleet = append(fleet, start(t, g, token.Config{Lazy: true, Store: both, Tiers: both.Tiers()}))
		}
		for range 8 * 60 {
			var wg sync.WaitGroup
			for _, s := range fleet {
				wg.Go(func() {
					if tok, err := s.Token(t.Context(), 0); err != nil || !tok.ValidAt(time.Now()) {
						t.Errorf("%v, %v", tok, err)
					}
				})
			}
			wg.Wait()
			time.Sleep(time.Minute)
		}
		if n := g.fetches.Load(); n < 9 || n > 12 {
			t.Errorf("%d token requests in 8 h", n)
		}
	})
}
