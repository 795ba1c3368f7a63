package tiered

import (
	"slices"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/tombstone"
)

// maxReturns limits how often near's token is written to far in place of an older one, as that
// of the tombstones does.
const maxReturns = 3

// setDeleted records that tok was deleted, by this process or another one.
func (s *Store) setDeleted(key string, tok store.Token) { s.buried.Add(key, tok, true) }

// setReplaced records that tok was replaced by a newer one.
func (s *Store) setReplaced(key string, tok store.Token) { s.buried.Add(key, tok, false) }

// tombstones returns the tokens under key that were replaced or deleted, and that far may
// still have.
func (s *Store) tombstones(key string) []store.Token {
	now := time.Now() // a token that has expired needs no tombstone
	var toks []store.Token
	if d := s.pendingFor(key); d != nil { // first: what it replaces gets a tombstone before it is dropped
		toks = slices.DeleteFunc(slices.Clone(d.olds), func(tok store.Token) bool { return !tok.ValidAt(now) })
	}
	for _, tok := range s.buried.Of(key) {
		if !isIn(toks, tok) {
			toks = append(toks, tok)
		}
	}
	return toks
}

// issuedBefore reports whether tok was issued before than, false if that is not known: no time is before
// the zero one.
func issuedBefore(tok, than store.Token) bool {
	a, b := tok.IssuedAt(), than.IssuedAt()
	return !a.IsZero() && b.Sub(a) > tombstone.SameIssue
}

func isIn(toks []store.Token, tok store.Token) bool {
	return !tok.IsZero() && slices.ContainsFunc(toks, tok.Equal)
}
