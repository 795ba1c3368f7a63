package sealed_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/sealed"
)

// shared is a store.Map that remembers what was deleted, and what it was asked.
type shared struct {
	store.Map
	gone map[string]bool
	lost bool
}

func (s *shared) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	s.gone[old.Reveal()] = true
	return s.Map.CompareAndDelete(ctx, key, old)
}

func (s *shared) Look(ctx context.Context, key string, had store.Token, before store.Losses) (store.Token, store.Losses, error) {
	tok, err := s.Get(ctx, key)
	switch {
	case err == nil:
		return tok, before + 1, nil
	case s.gone[had.Reveal()]:
		err = errors.Join(err, store.ErrDeleted)
	case s.lost:
		err = errors.Join(err, store.ErrLost)
	}
	return store.Token{}, before, err
}

func (s *shared) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if s.gone[tok.Reveal()] {
		return store.Token{}, errors.Join(store.ErrNotFound, store.ErrDeleted)
	}
	return s.CompareAndSwap(ctx, key, old, tok)
}

// What the inner store knows of a token is known of the sealed one, whichever key of the
// ring sealed it.
func TestWhatBecameOfASealedToken(t *testing.T) {
	inner := &shared{gone: make(map[string]bool)}
	ring := ringOf(t, strings.Repeat("1", 32), strings.Repeat("2", 32))
	first, second := ring[0], ring[1]
	open := func(keys ...sealed.Key) *sealed.Store {
		return mustNew(t, sealed.Config{Store: inner, Shared: inner, Keys: keys})
	}
	before, after := open(first, second), open(second, first)
	tok, other := token(t, "the-token"), token(t, "another")
	if _, err := before.CompareAndSwap(t.Context(), "key", store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*sealed.Store{"the same ring": before, "the ring after a change": after} {
		got, losses, err := s.Look(t.Context(), "key", tok, 6)
		if err != nil || !got.Equal(tok) || losses != 7 {
			t.Errorf("%s: Look = %v, %d, %v", name, got, losses, err)
		}
		if got, err := s.Restore(t.Context(), "key", store.Token{}, tok); err != nil || !got.Equal(tok) {
			t.Errorf("%s: Restore of what is there = %v, %v", name, got, err)
		}
	}
	if err := before.CompareAndDelete(t.Context(), "key", tok); err != nil {
		t.Fatal(err)
	}
	inner.lost = true
	for name, s := range map[string]*sealed.Store{"the same ring": before, "the ring after a change": after} {
		if _, _, err := s.Look(t.Context(), "key", tok, 6); !errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrDeleted) {
			t.Errorf("%s: Look = %v; want it deleted", name, err)
		}
		if got, err := s.Restore(t.Context(), "key", store.Token{}, tok); !errors.Is(err, store.ErrDeleted) {
			t.Errorf("%s: Restore = %v, %v; want it refused", name, got, err)
		}
		if _, _, err := s.Look(t.Context(), "key", other, 6); !errors.Is(err, store.ErrLost) || errors.Is(err, store.ErrDeleted) {
			t.Errorf("%s: Look for another = %v; want it lost", name, err)
		}
		if _, _, err := s.Look(t.Context(), "key", store.Token{}, 6); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: Look without a token = %v", name, err)
		}
	}
}
