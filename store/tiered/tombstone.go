package tiered

import (
	"slices"
	"time"

	"github.com/advoware-go/advoware/store"
)

const (
	// maxTombstones is how many tokens are remembered for a key, more than a fleet has in a
	// token's life.
	maxTombstones = 16

	// maxReturns is how often the place of one replaced token is taken again. Two
	// processes whose clocks disagree must come to an end; the one that gives in uses a
	// valid token all the same.
	maxReturns = 3

	// sweepEvery is how often what has ended is forgotten.
	sweepEvery = time.Minute

	// sameIssue is by how much two accounts of one instant may differ: they are rounded,
	// and another program writes a token and its timestamp one after the other.
	sameIssue = 50 * time.Millisecond
)

// tombstone is for a token that was under a key and is not any more. If far, or a process that has
// not heard of it, comes up with it again, it is not believed.
type tombstone struct {
	tok     store.Token
	deleted bool // not just replaced by a newer one
	returns int  // how often it has turned up again and was replaced again
}

// setDeleted remembers that tok was removed, here or by somebody else.
func (s *Store) setDeleted(key string, tok store.Token) { s.bury(key, tok, true) }

// setReplaced remembers that tok has made way for a newer one.
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

// tombstoneOf returns what is remembered of tok, nil if nothing is. The mutex is held.
func (s *Store) tombstoneOf(key string, tok store.Token) *tombstone {
	for _, p := range s.buried[key] {
		if p.tok.Equal(tok) {
			return p
		}
	}
	return nil
}

// setPresent forgets what was remembered of tok: somebody stores it on purpose, or
// insists on it.
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

// insists reports whether a token that was replaced has come back so often that somebody
// must mean it. Each call counts.
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

// tombstones returns the tokens that far may still have under key although they were replaced
// or deleted.
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

// issuedBefore reports whether tok is known to have been issued before than was.
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

// sweepLater forgets the tokens that have ended in a while: nobody may ask for their key
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
