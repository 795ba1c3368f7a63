package sealed_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/sealed"
)

// many is a shared store that is asked for many keys at once, and counts how often it is asked
// for one.
type many struct {
	shared
	more  int // how many results too many there are, or too few
	asked struct{ looks, restores, lookAlls, restoreAlls int }
}

func (m *many) Look(ctx context.Context, key string, had store.Token, before store.Losses) (store.Token, store.Losses, error) {
	m.asked.looks++
	return m.shared.Look(ctx, key, had, before)
}

func (m *many) Restore(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	m.asked.restores++
	return m.shared.Restore(ctx, key, old, tok)
}

func (m *many) LookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	m.asked.lookAlls++
	results := make([]store.Looked, len(looks)+m.more)
	for i, a := range looks[:min(len(looks), len(results))] {
		results[i].Token, results[i].Now, results[i].Err = m.shared.Look(ctx, a.Key, a.Had, a.Before)
	}
	return results
}

func (m *many) RestoreAll(ctx context.Context, tokens []store.Restoring) []store.Restored {
	m.asked.restoreAlls++
	results := make([]store.Restored, len(tokens)+m.more)
	for i, a := range tokens[:min(len(tokens), len(results))] {
		results[i].Token, results[i].Err = m.shared.Restore(ctx, a.Key, a.Old, a.Token)
	}
	return results
}

// kept returns a store in which each key has the token that its name says: sealed by one of two
// keys, plain, or deleted from the form of one of the two.
func kept(t testing.TB, more int) *many {
	t.Helper()
	inner := &many{shared: shared{gone: make(map[string]bool), lost: true}, more: more}
	tok := token(t, "the-token")
	for key, raw := range map[string]string{"newer": newer, "older": older, "newer deleted": newer, "older deleted": older} {
		s := around(t, inner, raw)
		if _, err := s.CompareAndSwap(t.Context(), key, store.Token{}, tok); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(key, "deleted") {
			if err := s.CompareAndDelete(t.Context(), key, tok); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := inner.CompareAndSwap(t.Context(), "plain", store.Token{}, tok); err != nil {
		t.Fatal(err)
	}
	return inner
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Many keys that are looked at together have the results of one look each, whatever there is
// to ask them all at once, and are asked for one by one only where that says more.
func TestLookAllIsLookForEach(t *testing.T) {
	tok, long := token(t, "the-token"), token(t, strings.Repeat("x", sealed.MaxTokenBytes+1))
	looks := []store.Looking{
		{Key: "newer", Had: tok, Before: 1}, {Key: "newer", Before: 2}, {Key: "older", Had: tok, Before: 3}, {Key: "older", Had: long, Before: 4},
		{Key: "plain", Had: tok, Before: 5}, {Key: "plain", Before: 6},
		{Key: "newer deleted", Had: tok, Before: 7}, {Key: "newer deleted", Had: token(t, "another"), Before: 8}, {Key: "newer deleted", Before: 9},
		{Key: "older deleted", Had: tok, Before: 10},
	}
	one := func(raw ...string) []store.Looked {
		inner := kept(t, 0)
		s := mustNew(t, sealed.Config{Store: inner, Shared: inner, Keys: ringOf(t, raw...)})
		results := make([]store.Looked, len(looks))
		for i, a := range looks {
			results[i].Token, results[i].Now, results[i].Err = s.Look(t.Context(), a.Key, a.Had, a.Before)
		}
		return results
	}
	for _, c := range []struct {
		name     string
		without  bool // Config.Many
		more     int
		ring     []string
		lookAlls int
		looks    int // those for one key, at the most
	}{
		{"one key of the ring", false, 0, []string{newer}, 1, 0},
		{"two keys of the ring", false, 0, []string{newer, older}, 1, 4}, // for two tokens, in two forms each
		{"without Many", true, 0, []string{newer, older}, 0, 12},
		{"a result too few", false, -1, []string{newer, older}, 1, 12},
		{"a result too many", false, 1, []string{newer, older}, 1, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := kept(t, c.more)
			cfg := sealed.Config{Store: inner, Shared: inner, Many: inner, Keys: ringOf(t, c.ring...)}
			if c.without {
				cfg.Many = nil
			}
			got, want := mustNew(t, cfg).LookAll(t.Context(), looks), one(c.ring...)
			if len(got) != len(want) {
				t.Fatalf("%d results for %d", len(got), len(want))
			}
			for i, w := range want {
				if g := got[i]; !g.Token.Equal(w.Token) || g.Now != w.Now || said(g.Err) != said(w.Err) {
					t.Errorf("%+v:\n got %v, %d, %v\nwant %v, %d, %v", looks[i], g.Token, g.Now, g.Err, w.Token, w.Now, w.Err)
				}
				for _, matched := range []error{store.ErrNotFound, store.ErrDeleted, store.ErrLost, store.ErrUnusable} {
					if errors.Is(got[i].Err, matched) != errors.Is(w.Err, matched) {
						t.Errorf("%+v: %v matches %v: %t", looks[i], got[i].Err, matched, errors.Is(got[i].Err, matched))
					}
				}
			}
			if inner.asked.lookAlls != c.lookAlls || inner.asked.looks != c.looks {
				t.Errorf("%d looks at all and %d at one, want %d and %d", inner.asked.lookAlls, inner.asked.looks, c.lookAlls, c.looks)
			}
		})
	}
}

// Many tokens that are restored together stand as if each had been restored alone.
func TestRestoreAllIsRestoreForEach(t *testing.T) {
	tok, other, long := token(t, "the-token"), token(t, "another"), token(t, strings.Repeat("x", sealed.MaxTokenBytes+1))
	tokens := []store.Restoring{
		{Key: "nothing", Token: tok}, {Key: "newer", Token: other}, {Key: "plain", Token: other}, {Key: "newer deleted", Token: tok},
		{Key: "too long", Token: long}, {Key: "older", Old: tok, Token: other}, {Key: "another", Token: other},
	}
	alone := kept(t, 0)
	by := mustNew(t, sealed.Config{Store: alone, Shared: alone, Keys: ringOf(t, newer, older)})
	want := make([]store.Restored, len(tokens))
	for i, a := range tokens {
		want[i].Token, want[i].Err = by.Restore(t.Context(), a.Key, a.Old, a.Token)
	}
	for _, c := range []struct {
		name        string
		without     bool // Config.Many
		more        int
		restoreAlls int
		restores    int // those of one key
	}{
		{"together", false, 0, 1, 2}, // of what is to replace another one, or what does not open
		{"without Many", true, 0, 0, 6},
		{"a result too few", false, -1, 1, 6},
		{"a result too many", false, 1, 1, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			inner := kept(t, c.more)
			cfg := sealed.Config{Store: inner, Shared: inner, Many: inner, Keys: ringOf(t, newer, older)}
			if c.without {
				cfg.Many = nil
			}
			s := mustNew(t, cfg)
			got := s.RestoreAll(t.Context(), tokens)
			if len(got) != len(want) {
				t.Fatalf("%d results for %d", len(got), len(want))
			}
			for i, w := range want {
				a := tokens[i]
				if g := got[i]; !g.Token.Equal(w.Token) || said(g.Err) != said(w.Err) {
					t.Errorf("%s: got %v, %v; want %v, %v", a.Key, g.Token, g.Err, w.Token, w.Err)
				}
				there, err := s.Get(t.Context(), a.Key)
				if wanted, wantedErr := by.Get(t.Context(), a.Key); !there.Equal(wanted) || said(err) != said(wantedErr) {
					t.Errorf("%s: there is %v, %v; want %v, %v", a.Key, there, err, wanted, wantedErr)
				}
			}
			if inner.asked.restoreAlls != c.restoreAlls || inner.asked.restores != c.restores {
				t.Errorf("%d restored at once and %d alone, want %d and %d", inner.asked.restoreAlls, inner.asked.restores, c.restoreAlls, c.restores)
			}
			if n := s.Stats().TooLong; n != 1 {
				t.Errorf("%d counted as too long, want 1", n)
			}
		})
	}
	inner := kept(t, 0)
	s := mustNew(t, sealed.Config{Store: inner, Shared: inner, Many: inner, Keys: ringOf(t, newer)})
	if got := s.RestoreAll(t.Context(), []store.Restoring{{Key: "newer", Old: tok, Token: other}}); len(got) != 1 || !got[0].Token.Equal(other) || inner.asked.restoreAlls != 0 {
		t.Errorf("got %+v after %d exchanges for nothing", got, inner.asked.restoreAlls)
	}
}
