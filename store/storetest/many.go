package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/advoware-go/advoware/store"
)

// RunMany tests the methods of [store.Many], which the stores that c.New returns must implement,
// as well as those of [store.Shared]: each result must be that of the single operation. RunShared
// tests the rest.
func RunMany(t *testing.T, c Config) { run(t, c, manyPromises) }

var manyPromises = []promise{
	{"LookAll", "LookAll returns for each element what Look does, in their order: a token, a miss, or ErrDeleted.", lookAll},
	{"RestoreAll", "RestoreAll does for each element what Restore does, and returns the results in their order.", restoreAll},
	{"ManyOfOneKey", "Of elements with the same key each has a result, as if they came one after the other.", manyOfOneKey},
	{"ManyOfNone", "With no elements there are no results.", manyOfNone},
	{"ManyUnusable", "RestoreAll of a zero or expired token returns ErrUnusable for that one alone.", manyUnusable},
	{"ManyEnded", "With a context that has ended each result is its error, or that of the operation; no token is lost.", manyEnded},
}

// several is more than fit into one of the exchanges of most stores.
const several = 300

func (s *subject) many() store.Many {
	s.Helper()
	many, ok := s.store.(store.Many)
	if !ok {
		s.Fatalf("storetest: %T does not implement store.Many", s.store)
	}
	return many
}

// stock makes keys, with a token there, with none, or with one that was deleted, in turns. It
// returns the keys, and for each the token that was put there, the zero one where none was.
func (s *subject) stock() (keys []string, toks []store.Token) {
	s.Helper()
	for i := range several {
		key, tok := s.key+":"+strconv.Itoa(i), fresh(long)
		if i%3 == 1 {
			tok = none
		} else {
			s.swapAt(key, none, tok, tok)
		}
		if i%3 == 2 {
			if err := s.store.CompareAndDelete(s.Context(), key, tok); err != nil {
				s.Fatal(err)
			}
		}
		keys, toks = append(keys, key), append(toks, tok)
	}
	return keys, toks
}

func (s *subject) lookAll(ctx context.Context, looks []store.Looking) []store.Looked {
	s.Helper()
	all := s.many().LookAll(ctx, looks)
	if len(all) != len(looks) {
		s.Fatalf("LookAll of %d elements returned %d results", len(looks), len(all))
	}
	return all
}

func (s *subject) restoreAll(ctx context.Context, tokens []store.Restoring) []store.Restored {
	s.Helper()
	all := s.many().RestoreAll(ctx, tokens)
	if len(all) != len(tokens) {
		s.Fatalf("RestoreAll of %d elements returned %d results", len(tokens), len(all))
	}
	return all
}

// same reports whether two errors match the same errors of package store.
func same(a, b error) bool {
	for _, target := range []error{store.ErrNotFound, store.ErrDeleted, store.ErrLost, store.ErrIdentity, store.ErrUnusable} {
		if errors.Is(a, target) != errors.Is(b, target) {
			return false
		}
	}
	return (a == nil) == (b == nil)
}

func lookAll(s *subject) {
	keys, toks := s.stock()
	var looks []store.Looking
	for i, key := range keys {
		looks = append(looks, store.Looking{Key: key, Had: toks[i], Before: store.UnknownLosses})
	}
	for i, r := range s.lookAll(s.Context(), looks) {
		want, _, err := s.shared().Look(s.Context(), keys[i], toks[i], store.UnknownLosses)
		if !r.Token.Equal(want) || !same(r.Err, err) {
			s.Errorf("LookAll of %q: %v, error %v; Look returns %v, error %v", keys[i], r.Token, r.Err, want, err)
		}
	}
}

func restoreAll(s *subject) {
	keys, toks := s.stock()
	var tokens []store.Restoring
	var want []store.Token // zero: ErrDeleted
	for i, key := range keys {
		r, stands := store.Restoring{Key: key, Old: toks[i], Token: fresh(long)}, toks[i]
		switch {
		case i%3 == 0 && i%2 == 0: // another one is there
			r.Old = none
		case i%3 == 2: // it was deleted
			r.Token, stands = toks[i], none
		default:
			stands = r.Token
		}
		tokens, want = append(tokens, r), append(want, stands)
	}
	for i, r := range s.restoreAll(s.Context(), tokens) {
		if want[i].IsZero() != errors.Is(r.Err, store.ErrDeleted) || want[i].IsZero() == (r.Err == nil) || !r.Token.Equal(want[i]) {
			s.Errorf("RestoreAll: Restore(%q, %v, %v) = %v, error %v, want %v", keys[i], tokens[i].Old, tokens[i].Token, r.Token, r.Err, want[i])
		}
		s.holdsAt(keys[i], want[i])
	}
}

func manyOfOneKey(s *subject) {
	tok, absent := s.put(), s.key+":absent"
	for i, r := range s.lookAll(s.Context(), []store.Looking{
		{Key: s.key, Had: tok, Before: store.UnknownLosses}, {Key: absent, Before: store.UnknownLosses}, {Key: s.key, Had: tok, Before: store.UnknownLosses},
	}) {
		if there := i != 1; there != (r.Err == nil) || there != r.Token.Equal(tok) {
			s.Errorf("look %d: %v, error %v", i, r.Token, r.Err)
		}
	}
	tokens := []store.Restoring{{Key: absent, Token: fresh(long)}, {Key: absent, Token: fresh(long)}}
	all := s.restoreAll(s.Context(), tokens)
	stands := all[0].Token
	if !stands.Equal(tokens[0].Token) && !stands.Equal(tokens[1].Token) {
		s.Errorf("%v stands after two of one key, which is neither", stands)
	}
	for i, r := range all {
		if r.Err != nil || !r.Token.Equal(stands) {
			s.Errorf("restore %d of two of one key: %v, error %v; of the other one %v", i, r.Token, r.Err, stands)
		}
	}
	s.holdsAt(absent, stands)
}

func manyOfNone(s *subject) {
	s.lookAll(s.Context(), nil)
	s.restoreAll(s.Context(), nil)
}

func manyUnusable(s *subject) {
	brief, good := fresh(s.lifetime), fresh(long)
	s.pass()
	tokens := []store.Restoring{{Key: s.key + ":zero"}, {Key: s.key + ":good", Token: good}, {Key: s.key + ":expired", Token: brief}}
	for i, r := range s.restoreAll(s.Context(), tokens) {
		if isGood := i == 1; isGood != (r.Err == nil) || isGood == errors.Is(r.Err, store.ErrUnusable) {
			s.Errorf("%q: %v, error %v", tokens[i].Key, r.Token, r.Err)
		}
	}
	s.holdsAt(tokens[1].Key, good)
}

func manyEnded(s *subject) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	tok, absent := s.put(), s.key+":absent"
	may := func(what string, got, want store.Token, err error) {
		s.Helper()
		if err == nil && !got.Equal(want) || err != nil && !errors.Is(err, context.Canceled) {
			s.Errorf("%s with a context that has ended: %v, error %v", what, got, err)
		}
	}
	for i, r := range s.lookAll(ctx, []store.Looking{{Key: s.key, Had: tok}, {Key: s.key, Had: tok}}) {
		may(fmt.Sprint("look ", i), r.Token, tok, r.Err)
	}
	next, another := fresh(long), fresh(long)
	for i, r := range s.restoreAll(ctx, []store.Restoring{{Key: s.key, Old: fresh(long), Token: next}, {Key: absent, Token: another}}) {
		may(fmt.Sprint("restore ", i), r.Token, []store.Token{tok, another}[i], r.Err)
	}
	s.holds(tok)
}
