package sealed_test

import (
	"context"
	"sync"
	"testing"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/sealed"
)

func TestRotation(t *testing.T) {
	inner := new(store.Map)
	first, second := token(t, "first"), token(t, "second")
	put(t, around(t, inner, older), store.Token{}, first)
	sealedByOlder := at(t, inner)

	// The new key comes in behind the old one: everything is as before.
	behind := around(t, inner, older, newer)
	wantHolds(t, behind, first)

	// Then in front of it: the old key still opens, and the next write reseals.
	front := around(t, inner, newer, older)
	wantHolds(t, front, first)
	if at(t, inner) != sealedByOlder {
		t.Error("reading wrote")
	}
	put(t, front, first, second)
	wantHolds(t, behind, second)
	wantHolds(t, around(t, inner, newer), second)
	wantUnopened(t, around(t, inner, older), sealed.Stats{UnknownKey: 1})

	// Then the old key goes, and what it sealed with it.
	put(t, behind, second, first)
	without := around(t, inner, newer)
	wantUnopened(t, without, sealed.Stats{UnknownKey: 1})
	put(t, without, store.Token{}, second)
	wantHolds(t, without, second)
}

// Comparing means comparing tokens, whichever key of the ring has sealed the one
// that is there.
func TestCompareAcrossKeys(t *testing.T) {
	first, second, third := token(t, "first"), token(t, "second"), token(t, "third")
	for _, writer := range []string{older, newer} {
		inner := new(store.Map)
		put(t, around(t, inner, writer), store.Token{}, first)
		s := around(t, inner, newer, older)

		for _, wrong := range []store.Token{{}, third} {
			if got, err := s.CompareAndSwap(t.Context(), name, wrong, second); err != nil || !got.Equal(first) {
				t.Errorf("CompareAndSwap(%v) = %v, %v; want the other one that is there", wrong, got, err)
			}
			if err := s.CompareAndDelete(t.Context(), name, wrong); err != nil {
				t.Error(err)
			}
			wantHolds(t, s, first)
		}
		// It is there already: not an update, and not a conflict.
		if got, err := s.CompareAndSwap(t.Context(), name, third, first); err != nil || !got.Equal(first) {
			t.Errorf("CompareAndSwap of the one that is there = %v, %v", got, err)
		}
		put(t, s, first, first)
		put(t, s, first, second)
		wantHolds(t, around(t, inner, newer), second)

		put(t, around(t, inner, writer), second, third)
		if err := s.CompareAndDelete(t.Context(), name, third); err != nil {
			t.Error(err)
		}
		wantGone(t, inner)
	}
}

// What somebody else stores between the look and the swap counts.
func TestSwapMeetsChange(t *testing.T) {
	first, second, third := token(t, "first"), token(t, "second"), token(t, "third")
	for _, c := range []struct {
		name   string
		meddle func(inner store.Store) // after the look
		want   store.Token
	}{
		{"replaced", func(inner store.Store) { put(t, around(t, inner, newer, older), first, third) }, third},
		{"resealed", func(inner store.Store) { put(t, around(t, inner, newer, older), first, first) }, second},
		{"deleted", func(inner store.Store) { _ = around(t, inner, older).CompareAndDelete(t.Context(), name, first) }, second},
		{"replaced by a plain one", func(inner store.Store) { put(t, inner, at(t, inner), third) }, second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := new(store.Map)
			put(t, around(t, inner, older), store.Token{}, first)
			var once sync.Once
			s := around(t, &meddled{Map: inner, after: func() { once.Do(func() { c.meddle(inner) }) }}, newer, older)
			if got, err := s.CompareAndSwap(t.Context(), name, first, second); err != nil || !got.Equal(c.want) {
				t.Errorf("CompareAndSwap = %v, %v; want %v", got, err, c.want)
			}
			wantHolds(t, around(t, inner, newer), c.want)
		})
	}
}

// meddled is a Map in which somebody does something after each Get.
type meddled struct {
	*store.Map
	after func()
}

func (m *meddled) Get(ctx context.Context, key string) (store.Token, error) {
	defer m.after()
	return m.Map.Get(ctx, key)
}

// An inner CompareAndSwap that replaces nothing may end the lease of whoever swaps, so
// there is none before the one that counts.
func TestSwapSwapsOnce(t *testing.T) {
	for there, old := range map[string]string{
		"":                              "",
		"plain":                         "",
		form(t, newer, "first"):         "first",
		form(t, older, "first"):         "first",
		form(t, older, "other"):         "first",
		form(t, older, "other") + "AAA": "other",
	} {
		inner := new(counted)
		if there != "" {
			put(t, &inner.Map, store.Token{}, token(t, there))
		}
		oldTok := store.Token{}
		if old != "" {
			oldTok = token(t, old)
		}
		if _, err := around(t, inner, newer, older).CompareAndSwap(t.Context(), name, oldTok, token(t, "second")); err != nil || inner.swaps != 1 {
			t.Errorf("%q there, %q expected: %d swaps, %v", there, old, inner.swaps, err)
		}
	}
}

// counted is a Map that counts what is swapped in it.
type counted struct {
	store.Map
	swaps int
}

func (c *counted) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	c.swaps++
	return c.Map.CompareAndSwap(ctx, key, old, tok)
}
