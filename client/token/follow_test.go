package token_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// follower notes whether it is being followed.
type follower struct {
	mu    sync.Mutex
	count int
	moved func(store.Token)
}

func (f *follower) follow(_ string, moved func(store.Token)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	f.moved = moved
	return func() { f.mu.Lock(); f.count--; f.mu.Unlock() }
}

func (f *follower) following(t *testing.T) bool {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count < 0 || f.count > 1 {
		t.Errorf("followed %d times", f.count)
	}
	return f.count == 1
}

func TestTokenIsFollowedWhileItIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, g := new(follower), new(gateway)
		s := start(t, g, token.Config{Tiers: lease.Tiers{Follow: f.follow}})
		if f.following(t) {
			t.Error("followed before anything was asked for")
		}
		mustToken(t, s)
		if !f.following(t) {
			t.Error("a token in use is not followed")
		}
		time.Sleep(2 * time.Hour) // renewed once, as it was used; then it lapsed
		if f.following(t) {
			t.Error("still followed when nobody uses it")
		}
		mustToken(t, s)
		if !f.following(t) {
			t.Error("not followed again")
		}
		s.Close()
		if f.following(t) {
			t.Error("followed after Close")
		}
	})
}

// Whoever finds a token that another one has put there follows it too.
func TestTokenThatWasThereIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, g, st := new(follower), new(gateway), new(store.Map)
		mustToken(t, start(t, g, token.Config{Store: st}))
		s := start(t, g, token.Config{Store: st, Tiers: lease.Tiers{Follow: f.follow}})
		if f.following(t) {
			t.Error("followed before anything was asked for")
		}
		mustToken(t, s)
		if n := g.fetches.Load(); !f.following(t) || n != 1 {
			t.Errorf("a token in use is not followed, after %d fetches", n)
		}
	})
}

// The fetch goes on when whoever asked for it leaves, and what it brings is looked
// after, so that the next call finds it valid and up to date.
func TestTokenIsFollowedAndRenewedThoughWhoAskedForItHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, g := new(follower), &gateway{latency: time.Second}
		s := start(t, g, token.Config{Tiers: lease.Tiers{Follow: f.follow}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := s.Token(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v; want to leave", err)
		}
		if !f.following(t) {
			t.Error("not followed while the fetch goes on")
		}
		time.Sleep(54 * time.Minute)
		if !f.following(t) || g.fetches.Load() != 2 {
			t.Errorf("followed: %v, %d fetches; want the token renewed ahead", f.following(t), g.fetches.Load())
		}
		time.Sleep(time.Hour)
		if f.following(t) || g.fetches.Load() != 2 {
			t.Errorf("followed: %v, %d fetches; want quiet, for nobody uses it", f.following(t), g.fetches.Load())
		}
	})
}

func TestNothingIsFollowedAfterAFailureOrInOneShot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := new(follower)
		s := start(t, &gateway{err: errors.New("down")}, token.Config{Tiers: lease.Tiers{Follow: f.follow}})
		if _, err := s.Token(t.Context(), 0); err == nil {
			t.Fatal("no error")
		}
		if f.following(t) {
			t.Error("followed without a token")
		}
		once := start(t, new(gateway), token.Config{Tiers: lease.Tiers{Follow: f.follow}, OneShot: true})
		mustToken(t, once)
		if f.following(t) {
			t.Error("a process that makes one call follows")
		}
	})
}

// Somebody replaces the token by one that ends sooner: without a new plan it would end
// before its renewal, and a call would wait.
func TestTokenThatOthersPutThereIsRenewedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, near := new(follower), new(store.Map)
		var rotations []token.Rotation
		g := new(gateway)
		s := start(t, g, token.Config{Store: near, Tiers: lease.Tiers{Follow: f.follow}, Hooks: token.Hooks{
			Rotated: func(r token.Rotation) { rotations = append(rotations, r) },
		}})
		first := mustToken(t, s)
		short := newToken(t, "short", 10*time.Minute)
		if _, err := near.CompareAndSwap(context.Background(), key, first, short); err != nil {
			t.Fatal(err)
		}
		f.moved(short)
		if n := len(rotations); n != 2 || !rotations[1].New.Equal(short) || rotations[1].Origin != token.Far {
			t.Errorf("rotations: %+v", rotations)
		}
		for range 12 * 60 {
			if found, err := s.Lookup(t.Context(), 0); err != nil || found.Waited {
				t.Fatalf("a call waited: %+v, %v", found, err)
			}
			time.Sleep(time.Second)
		}
	})
}
