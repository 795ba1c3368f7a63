package token_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// One process does not reach the gateway, and notices late or at once: nobody else takes
// that for an outage, and all have a token soon.
func TestOutageOfOneProcessIsNobodyElses(t *testing.T) {
	for name, latency := range map[string]time.Duration{"noticed at once": 0, "after a while": 2 * time.Second, "not at all": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared, l := fleet()
				cfg := token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, Credentials: "the same"}
				bad, good := &gateway{latency: latency, err: errors.New("egress cut")}, &gateway{latency: time.Second}
				sick := start(t, bad, cfg)
				go func() { _, _ = sick.Token(context.Background(), 0) }()
				synctest.Wait()
				var wg sync.WaitGroup
				for range 31 {
					s := start(t, good, cfg)
					wg.Go(func() {
						began := time.Now()
						tok, err := s.Token(context.Background(), 0)
						if err != nil || tok.Reveal() != "token-1" {
							t.Errorf("got %q, %v", tok.Reveal(), err)
						}
						if took := time.Since(began); took > 6*time.Second {
							t.Errorf("a healthy process waited %v", took)
						}
					})
				}
				wg.Wait()
				if n := good.fetches.Load(); n != 1 {
					t.Errorf("%d fetches of the healthy ones", n)
				}
			})
		})
	}
}

// A gateway that is slow for everybody is not stormed by a fleet that starts cold.
func TestSlowGatewayIsNotStormed(t *testing.T) {
	for _, c := range []struct {
		latency time.Duration
		most    int64
	}{{3 * time.Second, 1}, {5 * time.Second, 2}, {9 * time.Second, 3}} {
		t.Run(c.latency.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gateway{latency: c.latency}
				shared, l := fleet()
				var wg sync.WaitGroup
				var first atomic.Value
				for range 32 {
					s := start(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}})
					wg.Go(func() {
						began := time.Now()
						tok, err := s.Token(t.Context(), 0)
						if err != nil {
							t.Error(err)
						}
						if took := time.Since(began); took > c.latency+250*time.Millisecond {
							t.Errorf("a caller waited %v, also one whose process took over", took)
						}
						if first.CompareAndSwap(nil, tok.Reveal()); tok.Reveal() != first.Load() {
							t.Errorf("%q beside %q", tok.Reveal(), first.Load())
						}
					})
				}
				wg.Wait()
				time.Sleep(time.Minute) // who took over comes late, and keeps what stands
				if n := g.fetches.Load(); n > c.most {
					t.Errorf("%d fetches, want %d at most", n, c.most)
				}
				if tok, err := shared.Get(t.Context(), key); err != nil || tok.Reveal() != first.Load() {
					t.Errorf("%q stands in the end, %v; want %q", tok.Reveal(), err, first.Load())
				}
			})
		})
	}
}

// What a fetch usually takes is what this process has seen: where it takes long, another
// one is given as long.
func TestPatienceFollowsThePaceOfTheGateway(t *testing.T) {
	for _, c := range []struct{ latency, want time.Duration }{
		{time.Millisecond, 3 * time.Second}, {3500 * time.Millisecond, 7 * time.Second}, {time.Minute, 10 * time.Second},
	} {
		t.Run(c.latency.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared, l := fleet()
				s := start(t, &gateway{latency: c.latency}, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, FetchTimeout: time.Hour})
				for range 3 {
					if _, err := s.Refresh(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if outcome, err := l.Acquire(t.Context(), key, lease.Ask{Force: true, Old: mustToken(t, s)}); err != nil || outcome.Release == nil {
					t.Fatalf("%+v, %v", outcome, err)
				}
				began := time.Now()
				if _, err := s.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(began) - c.latency; waited != c.want {
					t.Errorf("waited %v for the other one, want %v", waited, c.want)
				}
			})
		})
	}
}

// Every wait for others has an end, whatever the lease says.
func TestWaitForOthersHasAnEnd(t *testing.T) {
	held := func(holder string, wait time.Duration) lease.Outcome {
		return lease.Outcome{Holder: holder, Wait: func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait):
				return nil
			}
		}}
	}
	for name, answer := range map[string]func(lease.Ask) lease.Outcome{
		"one holder for ever":       func(lease.Ask) lease.Outcome { return held("one", time.Hour) },
		"another one each second":   func(lease.Ask) lease.Outcome { return held(rand.Text(), time.Second) },
		"another one at once":       func(lease.Ask) lease.Outcome { return held(rand.Text(), 0) },
		"one that changes for ever": func(lease.Ask) lease.Outcome { return held("one", 0) },
		"tokens that will not do": func(lease.Ask) lease.Outcome {
			tok, _ := store.NewToken(rand.Text(), time.Time{}, time.Now().Add(time.Second))
			return lease.Outcome{Token: tok}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				s := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Lease: answers(func(_ context.Context, ask lease.Ask) (lease.Outcome, error) {
					asked++
					return answer(ask), nil
				})}})
				began := time.Now()
				f, err := s.Lookup(t.Context(), 20*time.Minute)
				if err != nil || f.Token.Reveal() != "token-1" {
					t.Errorf("got %q, %v", f.Token.Reveal(), err)
				}
				if took := time.Since(began); took > 10*time.Second+100*time.Millisecond {
					t.Errorf("after %v", took)
				}
				if asked > 408 { // eight at once, then one each 25 ms
					t.Errorf("asked %d times", asked)
				}
			})
		})
	}
}

// Processes that have all met an outage themselves need not each meet it again.
func TestOutageIsSharedByThoseWhoMetItThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{latency: 100 * time.Millisecond, err: errors.New("down")}
		shared, l := fleet()
		var all []*token.Source
		for range 8 {
			s := start(t, g, token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, Credentials: "the same"})
			if _, err := s.Token(t.Context(), 0); err == nil {
				t.Fatal("no error")
			}
			all = append(all, s)
		}
		if n := g.fetches.Load(); n != 8 {
			t.Errorf("%d fetches before, want each to try", n)
		}
		time.Sleep(2 * time.Minute) // the next attempt of each is due
		var wg sync.WaitGroup
		for _, s := range all {
			wg.Go(func() {
				var failed *token.FetchError
				if _, err := s.Token(context.Background(), 0); !errors.As(err, &failed) || failed.Refused {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if n := g.fetches.Load(); n != 9 {
			t.Errorf("%d fetches, want one more", n)
		}
	})
}

// A process whose token request hangs has what another one got, and does not count that as
// a failure. Whoever asks for a token fetched after the call does not get that.
func TestFetchIsOvertaken(t *testing.T) {
	for name, tiers := range map[string]bool{"one store": false, "two": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared, l := fleet()
				var done []token.Fetch
				bad := &gateway{latency: 20 * time.Second}
				cfg := token.Config{Store: shared, Tiers: lease.Tiers{Lease: l}, FetchTimeout: time.Hour, Hooks: token.Hooks{FetchDone: func(f token.Fetch) { done = append(done, f) }}}
				if tiers {
					near := new(store.Map)
					cfg.Tiers.Near, cfg.Store = near, &pair{near, shared.(*store.Map)}
				}
				s := start(t, bad, cfg)
				theirs := newToken(t, "theirs", time.Hour)
				time.AfterFunc(5*time.Second, func() { _, _ = shared.CompareAndSwap(context.Background(), key, store.Token{}, theirs) })
				began := time.Now()
				f, err := s.Lookup(t.Context(), 0)
				if took := time.Since(began); err != nil || !f.Token.Equal(theirs) || f.Origin != token.Far || took > 5250*time.Millisecond {
					t.Errorf("got %+v, %v after %v", f, err, took)
				}
				if st := s.Stats(); st.Fetches != 1 || st.Failures != 0 || len(done) != 1 || !errors.Is(done[0].Err, token.ErrOvertaken) || !isFree(t, l) {
					t.Errorf("%+v, told %+v", st, done)
				}
				if f, err := s.Refresh(t.Context()); err != nil || f.Token.Equal(theirs) || f.Origin != token.Fetched {
					t.Errorf("Refresh: %+v, %v", f, err)
				}
			})
		})
	}
}
