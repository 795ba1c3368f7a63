package tiered

import (
	"slices"
	"time"

	"github.com/advoware-go/advoware/store"
)

const (
	// maxTombstones limits the tombstones of a key. A fleet has fewer tokens in the life of
	// one.
	maxTombstones = 16

	// maxReturns limits how often a replaced token that is back in far is replaced again, so
	// that two processes whose clocks disagree do not go on for ever. The one that stops uses
	// a valid token all the same.
	maxReturns = 3

	// sweepEvery is how often tombstones of expired tokens are removed.
	sweepEvery = time.Minute

	// sameIssue is by how much two values of one instant of issue may differ: they are
	// rounded, and another program writes a token and its timestamp one after the other.
	sameIssue = 50 * time.Millisecond
)

// tombstone records that a token was replaced or deleted. If it is still in far, or another
// process stores it again, it is ignored.
type tombstone struct {
	tok     store.Token
	deleted bool // and not only replaced by a newer one
	returns int  // how often it was in far again and was replaced again
}

// setDeleted records that tok was deleted, by this process or another one.
func (s *Store) setDeleted(key string, tok store.Token) { s.bury(key, tok, true) }

// setReplaced records that tok was replaced by a newer one.
func (s *Store) setReplaced(key string, tok store.Token) { s.bury(key, tok, false) }

func (s *Store) bury(key string, tok store.Token, deleted bool) {
	if tok.IsZero() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.tombstoneOf(key, tok); p != nil {
		p.deleted = p.deleted || deleted
		return
	}
	all := valid(s.buried[key], time.Now())
	if len(all) == maxTombstones {
		all = slices.Delete(all, 0, 1)
	}
	s.buried[key] = append(all, &tombstone{tok: tok, deleted: deleted})
	s.sweepLater()
}

// tombstoneOf returns the tombstone of tok, nil if there is none. The mutex is held.
func (s *Store) tombstoneOf(key string, tok store.Token) *tombstone {
	for _, p := range s.buried[key] {
		if p.tok.Equal(tok) {
			return p
		}
	}
	return nil
}

// setPresent removes the tombstone of tok, which is stored on purpose, or again and again.
func (s *Store) setPresent(key string, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.DeleteFunc(s.buried[key], func(p *tombstone) bool { return p.tok.Equal(tok) })
	if len(left) == 0 {
		delete(s.buried, key)
		return
	}
	s.buried[key] = left
}

// insists reports whether a token that was replaced is back in far so often that another
// process must want it. Each call counts as one return.
func (s *Store) insists(key string, tok store.Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.tombstoneOf(key, tok)
	if p == nil || p.deleted {
		return false
	}
	p.returns++
	return p.returns > maxReturns
}

// tombstones returns the tokens under key that were replaced or deleted, and that far may
// still have.
func (s *Store) tombstones(key string) []store.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now() // a token that has expired needs no tombstone
	var toks []store.Token
	if d := s.pending[key]; d != nil {
		toks = slices.DeleteFunc(slices.Clone(d.olds), func(tok store.Token) bool { return !tok.ValidAt(now) })
	}
	for _, p := range s.buried[key] {
		if p.tok.ValidAt(now) && !isIn(toks, p.tok) {
			toks = append(toks, p.tok)
		}
	}
	return toks
}

// issuedBefore reports whether tok was issued before than, false if that is not known.
func issuedBefore(tok, than store.Token) bool {
	a, b := tok.IssuedAt(), than.IssuedAt()
	return !a.IsZero() && !b.IsZero() && b.Sub(a) > sameIssue
}

func isIn(toks []store.Token, tok store.Token) bool {
	return !tok.IsZero() && slices.ContainsFunc(toks, tok.Equal)
}

func valid(all []*tombstone, now time.Time) []*tombstone {
	return slices.DeleteFunc(all, func(p *tombstone) bool { return !p.tok.ValidAt(now) })
}

// sweepLater plans the removal of tombstones of expired tokens, as their keys may not be used
// again. The mutex is held.
func (s *Store) sweepLater() {
	if s.sweeping != nil || s.closed || len(s.buried) == 0 {
		return
	}
	s.sweeping = time.AfterFunc(sweepEvery, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		now := time.Now()
		for key, all := range s.buried {
			if all = valid(all, now); len(all) > 0 {
				s.buried[key] = all
			} else {
				delete(s.buried, key)
			}
		}
		s.sweeping = nil
		s.sweepLater()
	})
}
