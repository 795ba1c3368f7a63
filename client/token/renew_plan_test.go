package token_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

func TestRenewalIsPlannedByTheLifeOfTheToken(t *testing.T) {
	for _, c := range []struct {
		name        string
		life        time.Duration
		shared      time.Duration // of that life; the renewal is due in the last eighth of it
		before      time.Duration // not part of the life that counts
		unknownLife bool
	}{
		{name: "too short to be shared", life: 50 * time.Second, shared: 50 * time.Second},
		{name: "shared for less than Guard", life: 119 * time.Second, shared: 119 * time.Second},
		{name: "shared for Guard", life: 120 * time.Second, shared: 10 * time.Second},
		{name: "shared for more than Guard", life: 125 * time.Second, shared: 15 * time.Second},
		{name: "shorter than configured", life: 10 * time.Minute, shared: 490 * time.Second},
		{name: "as configured", life: 3290 * time.Second, shared: 3180 * time.Second},
		{name: "longer than configured", life: 10 * time.Hour, shared: 3180 * time.Second, before: 10*time.Hour - 3290*time.Second},
		{name: "of unknown age", life: 3000 * time.Second, shared: 3180 * time.Second, before: -290 * time.Second, unknownLife: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var due time.Duration
				s := start(t, new(gateway), token.Config{
					Fetch: func(context.Context) (store.Token, error) {
						issued := time.Now()
						if c.unknownLife {
							issued = time.Time{}
						}
						return store.NewToken("a", issued, time.Now().Add(c.life))
					},
					Hooks: token.Hooks{RenewalPlanned: func(_ store.Token, at time.Time) { due = time.Until(at) }},
				})
				mustToken(t, s)
				low, high := c.before+c.shared*88/100, c.before+c.shared*95/100
				if due < low-time.Microsecond || due > high {
					t.Errorf("due after %v, want %v to %v", due, low, high)
				}
			})
		})
	}
}

func TestTokenThatAnotherProcessRenewedLapsesUnlessItIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, shared := new(gateway), new(store.Map)
		var told script
		s := start(t, g, token.Config{Store: shared, Hooks: told.hooks()})
		tok := mustToken(t, s)
		time.Sleep(10 * time.Minute) // theirs is due later, whatever is drawn for the two
		_, _ = shared.CompareAndSwap(t.Context(), key, tok, newToken(t, "theirs", 3290*time.Second))
		time.Sleep(10 * time.Hour)
		events := told.take()
		if n := g.fetches.Load(); n != 1 || events[len(events)-1] != `lapsed "theirs"` {
			t.Errorf("%d fetches, %q; want theirs to lapse, as this process did not use it", n, events)
		}
	})
}

func TestUseAfterATokenWasTakenAwayPlansARenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		s := start(t, g, token.Config{})
		if err := s.Reject(t.Context(), mustToken(t, s)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // its renewal finds nothing to renew
		mustToken(t, s)
		time.Sleep(51 * time.Minute)
		if n := g.fetches.Load(); n != 3 {
			t.Errorf("%d fetches, want the two of the callers and a renewal", n)
		}
	})
}

// moments notes what becomes of renewals, and when, since the notes began.
type moments struct {
	began           time.Time
	mu              sync.Mutex
	planned, lapsed []time.Duration
}

func (m *moments) hooks() token.Hooks {
	m.began = time.Now()
	note := func(list *[]time.Duration, at time.Time) {
		m.mu.Lock()
		defer m.mu.Unlock()
		*list = append(*list, at.Sub(m.began))
	}
	return token.Hooks{
		RenewalPlanned: func(_ store.Token, at time.Time) { note(&m.planned, at) },
		Lapsed:         func(store.Token) { note(&m.lapsed, time.Now()) },
	}
}

func (m *moments) get() (planned, lapsed []time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.planned), slices.Clone(m.lapsed)
}

func TestFailedRenewalIsTriedAgainWhenTheFailureSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := new(gateway)
		var told moments
		s := start(t, g, token.Config{Hooks: told.hooks(), Errors: classified(func(error) (bool, time.Duration) { return false, 90 * time.Second })})
		mustToken(t, s)
		g.fail(errors.New("down"))
		planned, _ := told.get()
		time.Sleep(planned[0] + time.Second)
		planned, _ = told.get()
		if len(planned) != 2 || planned[1]-planned[0] != 90*time.Second {
			t.Errorf("planned for %v, want the second 90 s after the first", planned)
		}
	})
}

func TestTokenThatEndsBeforeTheNextAttemptLapsesAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{life: 100 * time.Second}
		var told moments
		s := start(t, g, token.Config{Hooks: told.hooks(), Errors: classified(func(error) (bool, time.Duration) { return false, 90 * time.Second })})
		mustToken(t, s)
		g.fail(errors.New("down"))
		time.Sleep(10 * time.Minute)
		planned, lapsed := told.get()
		if len(planned) != 2 || len(lapsed) != 1 || lapsed[0] != 100*time.Second {
			t.Errorf("planned for %v, lapsed after %v; want a lapse after 100 s", planned, lapsed)
		}
	})
}

func TestUseAfterClosePlansNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(faulty)
		s := start(t, new(gateway), token.Config{Store: st})
		_, _ = st.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "a", time.Hour))
		s.Close()
		if _, err := s.Token(t.Context(), 0); !errors.Is(err, token.ErrClosed) {
			t.Errorf("Token: %v", err)
		}
		before := st.gets.Load()
		time.Sleep(2 * time.Hour)
		if n := st.gets.Load() - before; n != 0 {
			t.Errorf("the store was read %d times after Close", n)
		}
	})
}

// trap is a store in which, once it is set, something happens just before a token
// is read.
type trap struct {
	store.Map
	set    atomic.Bool
	spring func()
}

func (s *trap) Get(ctx context.Context, key string) (store.Token, error) {
	if s.set.Load() {
		s.spring()
	}
	return s.Map.Get(ctx, key)
}

func TestRenewalThatMeetsCloseEndsWithoutAWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told moments
		st := new(trap)
		s := start(t, new(gateway), token.Config{Store: st, Hooks: told.hooks()})
		mustToken(t, s)
		st.spring = s.Close
		st.set.Store(true)
		time.Sleep(2 * time.Hour) // nobody but the renewal reads the store
		planned, lapsed := told.get()
		if len(planned) != 1 || len(lapsed) != 0 {
			t.Errorf("planned for %v, lapsed after %v", planned, lapsed)
		}
	})
}

// Whoever brings a token, a flight or somebody who tells of it, there is one plan for it.
func TestRenewalOfATokenIsPlannedOnceWhoeverBringsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told moments
		f, near := new(follower), new(store.Map)
		s := start(t, new(gateway), token.Config{Store: near, Hooks: told.hooks(), Tiers: lease.Tiers{Follow: f.follow}})
		old := mustToken(t, s)
		theirs := newToken(t, "theirs", 30*time.Minute)
		if _, err := near.CompareAndSwap(t.Context(), key, old, theirs); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { f.moved(theirs) })
			wg.Go(func() { mustToken(t, s) })
		}
		wg.Wait()
		if planned, _ := told.get(); len(planned) != 2 {
			t.Errorf("%d plans for two tokens", len(planned))
		}
	})
}
