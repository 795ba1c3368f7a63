package tiered_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered"
)

// graves is a far store that remembers deletions, of other processes too.
type graves struct {
	far
	mu      sync.Mutex
	deleted map[store.Token]bool
}

func (g *graves) bury(tok store.Token) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.deleted == nil {
		g.deleted = make(map[store.Token]bool)
	}
	g.deleted[tok] = true
}

func (g *graves) Look(ctx context.Context, key string, _ store.Token, _ store.Losses) (store.Token, store.Losses, error) {
	tok, err := g.Get(ctx, key)
	return tok, store.UnknownLosses, err
}

func (g *graves) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	g.mu.Lock()
	deleted := g.deleted[tok]
	g.mu.Unlock()
	if deleted {
		return store.Token{}, errors.Join(store.ErrNotFound, store.ErrDeleted)
	}
	return g.CompareAndSwap(ctx, key, old, tok)
}

// A write that was perhaps made, and whose token another process has deleted since, is not made
// again, and the token is not handed out any more.
func TestPendingWriteOfATokenThatOthersDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, near := new(graves), new(store.Map)
		s, err := tiered.New(tiered.Config{Near: near, Far: g, Shared: g})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		g.set(errDown, 0)
		tok := newToken(t, "tok", time.Hour)
		swap(t, s, store.Token{}, tok)
		synctest.Wait()
		if !s.Pending(key) || s.Pending("other") || s.Stats().PendingWrites != 1 {
			t.Errorf("pending: %v, of another key: %v, %+v", s.Pending(key), s.Pending("other"), s.Stats())
		}
		g.bury(tok)
		g.set(nil, 0)
		time.Sleep(time.Minute)
		if s.Pending(key) || s.Stats().PendingWrites != 0 {
			t.Errorf("still pending: %+v", s.Stats())
		}
		holds(t, "far", &g.Map, "")
		holds(t, "near", near, "")
		holds(t, "both", s, "")
	})
}

// Nor is it made by the deletion of the token that it replaces.
func TestPendingWriteOfADeletedTokenBehindADeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, near := new(graves), new(store.Map)
		s, err := tiered.New(tiered.Config{Near: near, Far: g, Shared: g})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		a, b := newToken(t, "a", time.Hour), newToken(t, "b", time.Hour)
		swap(t, s, store.Token{}, a)
		g.set(store.ErrBusy, 0)
		swap(t, s, a, b)
		synctest.Wait()
		_ = g.Map.CompareAndDelete(t.Context(), key, a) // b was there, and was deleted
		g.bury(b)
		g.set(nil, 0)
		if err := s.CompareAndDelete(t.Context(), key, a); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s.Pending(key) {
			t.Errorf("still pending: %+v", s.Stats())
		}
		holds(t, "far", &g.Map, "")
		holds(t, "near", near, "")
	})
}
