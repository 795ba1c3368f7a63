package tiered_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered"
)

// stubborn is a lease that has one answer.
type stubborn struct{ tok store.Token }

func (s stubborn) Acquire(context.Context, string, lease.Ask) (lease.Turn, error) {
	return lease.Turn{Token: s.tok}, nil
}

// ask is what a process with no token asks.
var ask lease.Ask

func acquire(t *testing.T, r *rig, ask lease.Ask) lease.Turn {
	t.Helper()
	turn, err := r.Acquire(t.Context(), key, ask)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

func TestTokenThatTheLeaseAnswersWithIsNears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r.far, store.Token{}, a)
		if turn := acquire(t, r, ask); !turn.Token.Equal(a) {
			t.Errorf("got %+v", turn)
		}
		holds(t, "near", r.near, "a")
		swap(t, r.far, a, b)
		if turn := acquire(t, r, lease.Ask{Old: a}); !turn.Token.Equal(b) {
			t.Errorf("got %+v", turn)
		}
		holds(t, "near", r.near, "b")
		if turn := acquire(t, r, lease.Ask{Old: b}); turn.Release == nil {
			t.Errorf("got %+v", turn)
		}
	})
}

// What was deleted here, or replaced while far could not be told, is no answer.
func TestTokenThatIsGoneIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, r, store.Token{}, a)
		r.far.set(errDown, 0)
		swap(t, r, a, b)
		if err := r.CompareAndDelete(t.Context(), key, b); err != nil {
			t.Fatal(err)
		}
		r.far.set(nil, 0)
		time.Sleep(5*time.Second + time.Microsecond) // the window is over, and nothing has been told yet
		if turn := acquire(t, r, ask); turn.Release == nil {
			t.Errorf("got %+v", turn)
		}
	})
}

func TestLeaseIsNotWaitedForInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		r.far.hang()
		d := took(func() {
			if turn, err := r.Acquire(t.Context(), key, ask); err == nil {
				t.Errorf("got %+v", turn)
			}
		})
		if d != 250*time.Millisecond {
			t.Errorf("waited %v", d)
		}
		d = took(func() {
			if turn, err := r.Acquire(t.Context(), key, ask); err == nil {
				t.Errorf("got %+v", turn)
			}
		})
		if d != 0 {
			t.Errorf("the second one waited %v", d)
		}
		r.far.letGo()
		time.Sleep(6 * time.Second)
		// The first answer came when nobody waited for it any more.
		if turn := acquire(t, r, ask); turn.Release == nil {
			t.Errorf("nobody gave the lease back: %+v", turn)
		}
	})
}

func TestLeaseThatKeepsAnsweringWithWhatIsGoneIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newToken(t, "a", time.Hour)
		s, err := tiered.New(tiered.Config{Near: new(store.Map), Far: new(store.Map), Lease: stubborn{a}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		if turn, err := s.Acquire(t.Context(), key, ask); err == nil {
			t.Errorf("got %+v", turn)
		}
	})
}
