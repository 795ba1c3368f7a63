package sealed_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/sealed"
)

// vector is one token in testdata/golden.json, sealed by another program:
// testdata/golden.py tells how. One with a nonce has the wrong one.
type vector struct{ Case, Key, Name, Identity, Token, Sealed, Nonce string }

func golden(t *testing.T) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) == 0 {
		t.Fatal("testdata/golden.json has no vectors")
	}
	return file.Vectors
}

// Every release must read what any other one wrote, and write the same.
func TestGolden(t *testing.T) {
	for _, v := range golden(t) {
		t.Run(v.Case, func(t *testing.T) {
			key, err := sealed.ParseKey(v.Key)
			if err != nil {
				t.Fatal(err)
			}
			inner := new(store.Map)
			s := mustNew(t, sealed.Config{Store: inner, Keys: []sealed.Key{key}, Identity: func(string) string { return v.Identity }})
			if _, err := inner.CompareAndSwap(t.Context(), v.Name, store.Token{}, token(t, v.Sealed)); err != nil {
				t.Fatal(err)
			}
			got, err := s.Get(t.Context(), v.Name)
			if v.Nonce != "" {
				// It would be a second form of the token, which no comparison knows.
				if !errors.Is(err, store.ErrUnusable) {
					t.Errorf("opens as %v, %v", got, err)
				}
				return
			}
			if err != nil || got.Reveal() != v.Token {
				t.Errorf("opens as %v, %v", got, err)
			}

			empty := new(store.Map)
			s = mustNew(t, sealed.Config{Store: empty, Keys: []sealed.Key{key}, Identity: func(string) string { return v.Identity }})
			if _, err := s.CompareAndSwap(t.Context(), v.Name, store.Token{}, token(t, v.Token)); err != nil {
				t.Fatal(err)
			}
			if tok, err := empty.Get(t.Context(), v.Name); err != nil || tok.Reveal() != v.Sealed {
				t.Errorf("got %s, %v; want %s", tok.Reveal(), err, v.Sealed)
			}
		})
	}
}
