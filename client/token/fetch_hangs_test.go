package token_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// A token request, and what follows it, has the lease for twice its own time at most, whatever
// hangs then.
func TestLeaseEndsThoughTheStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 10 * time.Second
		var released atomic.Int64
		began := time.Now()
		s := start(t, new(gateway), token.Config{Store: &slowly{takes: time.Hour}, FetchTimeout: limit, Tiers: lease.Tiers{Lease: asked(func(context.Context, lease.Ask) (lease.Outcome, error) {
			return lease.Outcome{Release: func(*lease.Failure) { released.CompareAndSwap(0, int64(time.Since(began))) }}, nil
		})}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := s.Token(ctx, 0); err == nil {
			t.Error("got a token that is not stored yet")
		}
		if d := time.Duration(released.Load()); d != 2*limit {
			t.Errorf("released after %v, want %v", d, 2*limit)
		}
		time.Sleep(2 * time.Hour)
	})
}

// While a token request takes longer than usual, the store is looked into four times a second: from
// the beginning if another process may be making one as well.
func TestHowSoonAFetchIsOvertaken(t *testing.T) {
	for name, c := range map[string]struct {
		taken        bool          // over, from a process that takes long
		stored, want time.Duration // since the beginning of the fetch
	}{
		"later than usual":  {false, 5100 * time.Millisecond, 5250 * time.Millisecond},
		"sooner than usual": {false, 600 * time.Millisecond, 4 * time.Second},
		"taken over":        {true, 600 * time.Millisecond, 750 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared := new(store.Map)
				g := &gateway{latency: time.Hour}
				l := asked(func(_ context.Context, ask lease.Ask) (lease.Outcome, error) {
					if c.taken && !ask.TakeOver {
						return lease.Outcome{Holder: "slow", Wait: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}, nil
					}
					return lease.Outcome{Release: func(*lease.Failure) {}}, nil
				})
				var began time.Time
				s := start(t, g, token.Config{Store: shared, FetchTimeout: 2 * time.Hour, Tiers: lease.Tiers{Lease: l}, Hooks: token.Hooks{FetchStart: func() {
					began = time.Now()
					theirs := newToken(t, "theirs", time.Hour)
					time.AfterFunc(c.stored, func() { _, _ = shared.CompareAndSwap(context.Background(), key, store.Token{}, theirs) })
				}}})
				if tok := mustToken(t, s); tok.Reveal() != "theirs" || time.Since(began) != c.want {
					t.Errorf("%s after %v, want theirs after %v", tok.Reveal(), time.Since(began), c.want)
				}
			})
		})
	}
}

// A token that could not be stored is offered again. If another process has stored one meanwhile,
// that comes into use, which is told.
func TestUnstoredTokenThatMeetsAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs := newToken(t, "theirs", time.Hour)
		answer := func(store.Token) (store.Token, error) { return store.Token{}, errors.New("OOM") }
		var told []token.Rotation
		g := new(gateway)
		s := start(t, g, token.Config{
			Store: &swaps{answer: func(tok store.Token) (store.Token, error) { return answer(tok) }},
			Hooks: token.Hooks{Rotated: func(r token.Rotation) { told = append(told, r) }},
		})
		first := mustToken(t, s)
		answer = func(store.Token) (store.Token, error) { return theirs, nil }
		f := mustFind(t, s)
		if !f.Token.Equal(theirs) || f.Origin != token.Far || g.fetches.Load() != 1 {
			t.Errorf("%+v after %d fetches", f, g.fetches.Load())
		}
		if len(told) != 2 || !told[1].Old.Equal(first) || !told[1].New.Equal(theirs) || told[1].Origin != token.Far {
			t.Errorf("told %+v", told)
		}
	})
}

// A renewal that another process has made is counted as that.
func TestRenewalByAnotherProcessIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store.Map)
		s := start(t, new(gateway), token.Config{Store: st})
		tok := mustToken(t, s)
		if _, err := st.CompareAndSwap(t.Context(), key, tok, newToken(t, "theirs", time.Hour)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(52 * time.Minute)
		if n := s.Metrics().Renewals; n[metric.RenewedByFar] != 1 || n[metric.Renewed] != 0 {
			t.Errorf("%v", n)
		}
	})
}
