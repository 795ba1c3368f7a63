package store_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

// The suite in store/storetest says what every Store must do; this is the
// outline.
func TestMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		var m store.Map
		first, second, third := lasting(t, "first", time.Hour), lasting(t, "second", 2*time.Hour), lasting(t, "third", 3*time.Hour)
		swap := func(what string, old, tok, want store.Token) {
			t.Helper()
			if got, err := m.CompareAndSwap(ctx, "key", old, tok); err != nil || !got.Equal(want) {
				t.Errorf("%s: got %v, %v; want %v", what, got, err, want)
			}
			if got, err := m.Get(ctx, "key"); err != nil || !got.Equal(want) {
				t.Errorf("%s, then Get: got %v, %v; want %v", what, got, err, want)
			}
		}
		remove := func(old store.Token) {
			t.Helper()
			if err := m.CompareAndDelete(ctx, "key", old); err != nil {
				t.Error(err)
			}
		}

		wantMiss(t, &m, "key")
		swap("nothing there", store.Token{}, first, first)
		swap("a token there, none expected", store.Token{}, second, first)
		swap("another one expected", third, second, first)
		swap("an equal one expected", lasting(t, "first", time.Minute), second, second)

		wantMiss(t, &m, "another key")
		for _, old := range []store.Token{{}, first} {
			remove(old)
			if got, err := m.Get(ctx, "key"); err != nil || !got.Equal(second) {
				t.Errorf("deleting %v left %v, %v", old, got, err)
			}
		}
		remove(lasting(t, "second", time.Minute))
		wantMiss(t, &m, "key")
		remove(second)
		swap("deleted, though expected", second, first, first)

		time.Sleep(time.Hour)
		wantMiss(t, &m, "key")
		swap("expired, another one expected", third, second, second)
	})
}

func TestMapRefuses(t *testing.T) {
	var m store.Map
	for name, tok := range map[string]store.Token{"zero": {}, "expired": lasting(t, "expired", -time.Second)} {
		stands := lasting(t, "stands", time.Hour)
		if _, err := m.CompareAndSwap(t.Context(), name, store.Token{}, stands); err != nil {
			t.Fatal(err)
		}
		got, err := m.CompareAndSwap(t.Context(), name, stands, tok)
		if !got.IsZero() || !errors.Is(err, store.ErrUnusable) {
			t.Errorf("%s: got %v, %v; want none and ErrUnusable", name, got, err)
		}
		if got, err := m.Get(t.Context(), name); err != nil || got != stands {
			t.Errorf("%s: the refusal left %v, %v", name, got, err)
		}
	}
}

func TestMapHonoursContext(t *testing.T) {
	var m store.Map
	tok := lasting(t, "token", time.Hour)
	if _, err := m.CompareAndSwap(t.Context(), "key", store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := m.Get(ctx, "key"); !got.IsZero() || !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get: got %v, %v", got, err)
	}
	if got, err := m.CompareAndSwap(ctx, "key", tok, lasting(t, "other", time.Hour)); !got.IsZero() || !errors.Is(err, context.Canceled) {
		t.Errorf("CompareAndSwap: got %v, %v", got, err)
	}
	if err := m.CompareAndDelete(ctx, "key", tok); !errors.Is(err, context.Canceled) {
		t.Errorf("CompareAndDelete: got %v", err)
	}
	if got, err := m.Get(t.Context(), "key"); err != nil || got != tok {
		t.Errorf("a cancelled call changed the token to %v, %v", got, err)
	}
}

func TestCheckStorable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tok := lasting(t, "token", time.Hour)
		if err := store.CheckStorable(tok); err != nil {
			t.Error(err)
		}
		if err := store.CheckStorable(store.Token{}); !errors.Is(err, store.ErrUnusable) {
			t.Errorf("zero: got %v, want ErrUnusable", err)
		}
		time.Sleep(time.Hour)
		if err := store.CheckStorable(tok); !errors.Is(err, store.ErrUnusable) {
			t.Errorf("expired: got %v, want ErrUnusable", err)
		}
	})
}

func wantMiss(t *testing.T, s store.Store, key string) {
	t.Helper()
	if got, err := s.Get(t.Context(), key); !got.IsZero() || !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, %v; want none and ErrNotFound", got, err)
	}
}

// lasting returns a token that ends that long from now.
func lasting(t *testing.T, text string, life time.Duration) store.Token {
	t.Helper()
	now := time.Now()
	tok, err := store.NewToken(text, now, now.Add(life))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}
