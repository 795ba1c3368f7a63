package sealed_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/sealed"
)

// form returns the text that the token has in a store with this key.
func form(t testing.TB, raw, text string) string {
	t.Helper()
	inner := new(store.Map)
	put(t, around(t, inner, raw), store.Token{}, token(t, text))
	return at(t, inner).Reveal()
}

// containing returns a sealed store in which this stands, sealed or not.
func containing(t testing.TB, text string, raw ...string) *sealed.Store {
	t.Helper()
	inner := new(store.Map)
	put(t, inner, store.Token{}, token(t, text))
	return around(t, inner, raw...)
}

func TestNothingChangedOpens(t *testing.T) {
	// Three lengths, for what base64 does with the last bits.
	for _, text := range []string{"the-token", "the-token1", "the-token12"} {
		good := form(t, newer, text)
		wantHolds(t, containing(t, good, newer), token(t, text))
		inner := new(store.Map)
		s := around(t, inner, newer)
		var there store.Token
		for _, bad := range changed(good) {
			tok := token(t, bad)
			put(t, inner, there, tok)
			there = tok
			if got, err := s.Get(t.Context(), name); !errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrUnusable) {
				t.Errorf("%q became of %q and opens: %v, %v", bad, good, got, err)
			}
		}
	}
}

// changed returns what becomes of a text by one change: every byte to every other
// visible one, left out, or twice; cut at either end, or longer.
func changed(good string) []string {
	bad := []string{good + "=", good + "A", good + good}
	for i := range good {
		for c := byte('!'); c <= '~'; c++ {
			bad = append(bad, good[:i]+string(c)+good[i+1:])
		}
		bad = append(bad, good[:i]+good[i+1:], good[:i+1]+good[i:], good[i:], good[:i])
	}
	return slices.DeleteFunc(bad, func(text string) bool { return text == good || text == "" })
}

func TestReasons(t *testing.T) {
	good := form(t, newer, "the-token")
	prefix, _, _ := strings.Cut(good, ".")
	for _, c := range []struct {
		name, text string
		want       sealed.Stats
	}{
		{"plain, from a program that does not seal", "the-token", sealed.Stats{NotSealed: 1}},
		{"a later form", strings.Replace(good, "v1", "v2", 1), sealed.Stats{NotSealed: 1}},
		{"sealed by a key that has gone", form(t, older, "the-token"), sealed.Stats{UnknownKey: 1}},
		{"a byte changed", good[:len(good)-1] + "!", sealed.Stats{Broken: 1}},
		{"nothing behind the prefix", prefix + ".", sealed.Stats{Broken: 1}},
		{"a key id and nothing else", prefix + "." + good[len(prefix)+1:][:11], sealed.Stats{Broken: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := containing(t, c.text, newer)
			wantUnopened(t, s, c.want)
			if got := s.Stats().Unusable(); got != 1 {
				t.Errorf("Unusable = %d, want 1", got)
			}
			// Whoever writes next repairs it, and is not hindered.
			for _, old := range []store.Token{{}, token(t, "another")} {
				put(t, containing(t, c.text, newer), old, token(t, "repaired"))
			}
			put(t, s, store.Token{}, token(t, "repaired"))
			wantHolds(t, s, token(t, "repaired"))
		})
	}
}

// A sealed token is of use for the key name and the identity only that it was
// sealed for.
func TestMovedTokenDoesNotOpen(t *testing.T) {
	tok := token(t, "the-token")
	in := func(inner store.Store, identity string) *sealed.Store {
		return mustNew(t, sealed.Config{Store: inner, Keys: ringOf(t, newer), Identity: func(key string) string { return identity + "@" + key }})
	}
	inner := new(store.Map)
	put(t, in(inner, "Kanzlei A"), store.Token{}, tok)
	wantHolds(t, in(inner, "Kanzlei A"), tok)
	wantUnopened(t, in(inner, "Kanzlei B"), sealed.Stats{Broken: 1})
	wantUnopened(t, around(t, inner, newer), sealed.Stats{Broken: 1})

	sealedTok := at(t, inner)
	for _, c := range []struct{ from, fromIdentity, to, toIdentity string }{
		{name, "", "other", ""},
		{"ab", "c", "a", "bc"},
		{"a", "", "", "a"},
		{"a", "b", "b", "a"},
	} {
		bound := func(inner store.Store, identity string) *sealed.Store {
			return mustNew(t, sealed.Config{Store: inner, Keys: ringOf(t, newer), Identity: func(string) string { return identity }})
		}
		inner := new(store.Map)
		if _, err := bound(inner, c.fromIdentity).CompareAndSwap(t.Context(), c.from, store.Token{}, tok); err != nil {
			t.Fatal(err)
		}
		moved, err := inner.Get(t.Context(), c.from)
		if err != nil {
			t.Fatal(err)
		}
		if err := inner.CompareAndDelete(t.Context(), c.from, moved); err != nil {
			t.Fatal(err)
		}
		if _, err := inner.CompareAndSwap(t.Context(), c.to, store.Token{}, moved); err != nil {
			t.Fatal(err)
		}
		if got, err := bound(inner, c.toIdentity).Get(t.Context(), c.to); !errors.Is(err, store.ErrUnusable) {
			t.Errorf("moved from %q of %q to %q of %q it opens: %v, %v", c.from, c.fromIdentity, c.to, c.toIdentity, got, err)
		}
		if moved.Equal(sealedTok) {
			t.Error("two bindings, one form")
		}
	}
}

// FuzzOpen shows that a text opens only if it is exactly what sealing gives.
func FuzzOpen(f *testing.F) {
	good := form(f, newer, "the-token")
	for _, text := range []string{good, form(f, older, "the-token"), "the-token", "advoware-sealed-v1.", "advoware-sealed-v1.AAAA", good + "=", good + good} {
		f.Add(text, uint(0), byte(0))
		f.Add(text, uint(len(text)-1), byte(1))
		f.Add(text, uint(40), byte(7))
	}
	f.Fuzz(func(t *testing.T, text string, at uint, flip byte) {
		changed := []byte(text)
		if len(changed) > 0 {
			changed[at%uint(len(changed))] ^= flip
		}
		tok, err := store.NewToken(string(changed), token(t, "t").IssuedAt(), token(t, "t").Expiry())
		if err != nil {
			return // no store has such a token
		}
		inner := new(store.Map)
		put(t, inner, store.Token{}, tok)
		got, err := around(t, inner, newer).Get(t.Context(), name)
		switch {
		case err == nil && form(t, newer, got.Reveal()) != tok.Reveal():
			t.Errorf("%q opens, but sealing gives %q", tok.Reveal(), form(t, newer, got.Reveal()))
		case err != nil && (!got.IsZero() || !errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrUnusable)):
			t.Errorf("%q: got %v, %v; want a miss", tok.Reveal(), got, err)
		}
	})
}
