package tiered_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
	"github.com/advoware-go/advoware/store/tiered"
)

// near is a store.Map in which something happens just before a token is read or
// swapped in; an error is what the operation then fails with.
type near struct {
	store.Map
	get, swap func() error
}

func (n *near) Get(ctx context.Context, key string) (store.Token, error) {
	if n.get != nil {
		if err := n.get(); err != nil {
			return store.Token{}, err
		}
	}
	return n.Map.Get(ctx, key)
}

func (n *near) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if n.swap != nil {
		if err := n.swap(); err != nil {
			return store.Token{}, err
		}
	}
	return n.Map.CompareAndSwap(ctx, key, old, tok)
}

// placed returns a tiered store with n in front of f.
func placed(t *testing.T, n *near, f *far) *tiered.Store {
	t.Helper()
	s, err := tiered.New(tiered.Config{Near: n, Far: f, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSwapAgainstANearTokenThatHasMovedDoesNotAskFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		swap(t, r.near, store.Token{}, newToken(t, "a", time.Hour))
		if standing := swap(t, r, store.Token{}, newToken(t, "b", time.Hour)); standing.Reveal() != "a" {
			t.Errorf("%q stands, want near's a", standing.Reveal())
		}
		if n := r.far.ops.Load(); n != 0 {
			t.Errorf("far was asked %d times", n)
		}
	})
}

func TestSwapOverANearThatCannotBeReadFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, f := errors.New("disk on fire"), new(far)
		s := placed(t, &near{get: func() error { return broken }}, f)
		if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "a", time.Hour)); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		if n := f.ops.Load(); n != 0 {
			t.Errorf("far was asked %d times", n)
		}
	})
}

func TestTokenDeletedWhileItComesFromFarIsNotServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, f := new(near), new(far)
		s := placed(t, n, f)
		a := newToken(t, "a", time.Hour)
		swap(t, &f.Map, store.Token{}, a)
		n.swap = func() error { n.swap = nil; return s.CompareAndDelete(t.Context(), key, a) }
		holds(t, "tiered", s, "")
		holds(t, "near", &n.Map, "")
	})
}

func TestDeletedTokenIsNotOfferedToNear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, f := new(near), new(far)
		s := placed(t, n, f)
		a := newToken(t, "a", time.Hour)
		swap(t, s, store.Token{}, a)
		if err := s.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		swap(t, &f.Map, store.Token{}, a) // a slower process wrote it back
		n.swap = func() error { t.Error("for a moment near has a token that is gone"); return nil }
		holds(t, "tiered", s, "")
	})
}

func TestTokenDeletedWhileAWriteMeetsItIsNotOfferedToNear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, f := new(near), new(far)
		s := placed(t, n, f)
		a := newToken(t, "a", time.Hour)
		swap(t, &f.Map, store.Token{}, a)
		f.afterSwap(func() {
			go func() { _ = s.CompareAndDelete(context.Background(), key, a) }()
			time.Sleep(time.Millisecond)
		})
		n.swap = func() error { t.Error("for a moment near has a token that is gone"); return nil }
		swap(t, s, store.Token{}, newToken(t, "b", time.Hour))
		time.Sleep(time.Second)
		holds(t, "near", &n.Map, "")
	})
}

// A write that neither far nor near takes leaves the one pending that was made before it.
func TestWriteThatNobodyTakesDropsNoPendingOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, f := new(near), new(far)
		s := placed(t, n, f)
		a := newToken(t, "a", time.Hour)
		f.set(store.ErrBusy, 0)
		swap(t, s, store.Token{}, a)
		synctest.Wait()
		full := errors.New("full")
		n.swap = func() error { return full }
		if _, err := s.CompareAndSwap(t.Context(), key, a, newToken(t, "b", time.Hour)); !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
		n.swap = nil
		f.set(nil, 0)
		time.Sleep(2 * time.Second)
		holds(t, "far", &f.Map, "a")
	})
}

func TestTokenThatEndsOnTheWayFromFarIsAMiss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(far)
		s := placed(t, &near{swap: func() error { time.Sleep(2 * time.Second); return nil }}, f)
		swap(t, &f.Map, store.Token{}, newToken(t, "a", time.Second))
		holds(t, "tiered", s, "")
	})
}

func TestTokenThatNearDoesNotTakeIsServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(far)
		s := placed(t, &near{swap: func() error { return errors.New("full") }}, f)
		swap(t, &f.Map, store.Token{}, newToken(t, "a", time.Hour))
		holds(t, "tiered", s, "a")
	})
}

func TestRereadKeepsNearsOwnCopyOfTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		a := newToken(t, "a", time.Hour)
		swap(t, r.near, store.Token{}, a)
		theirs, err := store.NewToken("a", time.Time{}, a.Expiry()) // it knows less
		if err != nil {
			t.Fatal(err)
		}
		swap(t, &r.far.Map, store.Token{}, theirs)
		tok, err := r.Reread(t.Context(), key)
		if err != nil || tok.IssuedAt().IsZero() {
			t.Errorf("Reread = %v, issued %v, %v; want the copy that knows when", tok, tok.IssuedAt(), err)
		}
	})
}

func TestTokenThatNearDidNotKeepLeavesNoPendingWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, f := new(near), new(far)
		s := placed(t, n, f)
		f.set(errDown, 0)
		n.swap = func() error { // somebody else, between the look and the swap
			_, err := n.Map.CompareAndSwap(t.Context(), key, store.Token{}, newToken(t, "theirs", time.Hour))
			return err
		}
		if standing := swap(t, s, store.Token{}, newToken(t, "mine", time.Hour)); standing.Reveal() != "theirs" {
			t.Errorf("%q stands", standing.Reveal())
		}
		if n := s.Stats().PendingWrites; n != 0 {
			t.Errorf("%d pending writes for a token that nobody has", n)
		}
	})
}

// broken is a near store that answers nothing.
type broken struct {
	store.Map
	err error
}

func (b *broken) Get(context.Context, string) (store.Token, error) { return store.Token{}, b.err }

// A near store that fails is not passed over: its error is the answer, and far is not asked.
func TestNearThatFailsIsNoMiss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		swap(t, &r.far.Map, store.Token{}, newToken(t, "far", time.Hour))
		failure := errors.New("broken")
		r.lease.Store = r.far
		s, err := tiered.New(tiered.Config{Near: &broken{err: failure}, Far: r.far, Lease: &r.lease})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		tok := newToken(t, "tok", time.Hour)
		for name, do := range map[string]func() error{
			"Get":            func() error { _, err := s.Get(t.Context(), key); return err },
			"Reread":         func() error { _, err := s.Reread(t.Context(), key); return err },
			"CompareAndSwap": func() error { _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); return err },
			"Acquire":        func() error { _, err := s.Acquire(t.Context(), key, lease.Ask{}); return err },
		} {
			if err := do(); err != failure {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := r.far.ops.Load(); n != 0 {
			t.Errorf("far was asked %d times", n)
		}
	})
}
