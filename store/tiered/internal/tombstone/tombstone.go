// Package tombstone remembers tokens that were replaced or deleted, and that another process,
// or a backup, may bring back.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package tombstone

import (
	"slices"
	"sync"
	"time"

	"github.com/advoware-go/advoware/store"
)

const (
	// most limits the tombstones of a key. A fleet has fewer tokens in the life of one, as a rule.
	// Of those that had no room, and of all that were issued before them, an instant is kept.
	most = 16

	// maxReturns limits how often a replaced token that is back in far is replaced again, so
	// that two processes whose clocks disagree do not go on for ever. The one that stops uses
	// a valid token all the same.
	maxReturns = 3

	// SameIssue is by how much two values of one instant of issue may differ: they are
	// rounded, and another program writes a token and its timestamp one after the other.
	SameIssue = 50 * time.Millisecond

	// sameTime is how long the tokens that processes fetch or store at the same time may be apart.
	sameTime = 5 * time.Second

	// sweepEvery is how often tombstones of expired tokens are removed.
	sweepEvery = time.Minute
)

// tombstone records that a token was replaced or deleted. If it is still in far, or another
// process stores it again, it is ignored.
type tombstone struct {
	tok     store.Token
	deleted bool // and not only replaced by a newer one
	returns int  // how often it was in far again and was replaced again
}

// left is what is known of tombstones that had no room.
type left struct {
	issued time.Time // the last of the tokens
	until  time.Time // the end of the one that lives longest
}

// Set has the tombstones of all keys. Make it with [New].
type Set struct {
	lazy bool // no timers

	mu       sync.Mutex
	of       map[string][]*tombstone
	left     map[string]left
	swept    time.Time // last, if it is lazy
	sweeping *time.Timer
	closed   bool
}

// New returns an empty Set; lazy: it has no timers.
func New(lazy bool) *Set {
	return &Set{lazy: lazy, of: make(map[string][]*tombstone), left: make(map[string]left)}
}

// Add records that tok was deleted, or else replaced by a newer one.
func (s *Set) Add(key string, tok store.Token, deleted bool) {
	if tok.IsZero() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.find(key, tok); p != nil {
		p.deleted = p.deleted || deleted
		return
	}
	now := time.Now()
	all := valid(s.of[key], now)
	if len(all) == most {
		s.leave(key, all[0].tok, now)
		all = slices.Delete(all, 0, 1)
	}
	s.of[key] = append(all, &tombstone{tok: tok, deleted: deleted})
	s.sweepLater()
}

// leave records that the tombstone of tok has no room. A time of issue from a clock that is ahead
// is not believed, or no token would be for a while. The mutex is held.
func (s *Set) leave(key string, tok store.Token, now time.Time) {
	issued := tok.IssuedAt()
	if issued.IsZero() {
		return
	}
	if issued.After(now) {
		issued = now
	}
	was := s.left[key]
	if was.issued.After(issued) {
		issued = was.issued
	}
	until := tok.Expiry()
	if was.until.After(until) {
		until = was.until
	}
	s.left[key] = left{issued, until}
}

// Left reports whether tok was issued no later than a token whose tombstone had no room, and well
// before one that has a tombstone: the fleet had newer ones since. It may be back from a backup.
func (s *Set) Left(key string, tok store.Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isLeft(key, tok)
}

func (s *Set) isLeft(key string, tok store.Token) bool {
	issued, was := tok.IssuedAt(), s.left[key].issued
	if issued.IsZero() || was.IsZero() || issued.After(was.Add(SameIssue)) {
		return false
	}
	// Of tokens that come one after the other at once, none is an old one.
	return slices.ContainsFunc(s.of[key], func(p *tombstone) bool { return p.tok.IssuedAt().Sub(issued) > sameTime })
}

// find returns the tombstone of tok, nil if there is none. The mutex is held.
func (s *Set) find(key string, tok store.Token) *tombstone {
	for _, p := range s.of[key] {
		if p.tok.Equal(tok) {
			return p
		}
	}
	return nil
}

// Remove removes the tombstone of tok, which is stored on purpose, or again and again.
func (s *Set) Remove(key string, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := slices.DeleteFunc(s.of[key], func(p *tombstone) bool { return p.tok.Equal(tok) })
	if s.of[key] = rest; len(rest) == 0 {
		delete(s.of, key)
	}
	if was := s.left[key]; s.isLeft(key, tok) {
		was.issued = tok.IssuedAt().Add(-SameIssue - 1)
		s.left[key] = was
	}
}

// Deleted reports whether tok was deleted, by this process or another one.
func (s *Set) Deleted(key string, tok store.Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(key, tok)
	return p != nil && p.deleted
}

// Insists reports whether a token that was replaced is back in far so often that another
// process must want it. Each call counts as one return.
func (s *Set) Insists(key string, tok store.Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(key, tok)
	if p == nil || p.deleted {
		return false
	}
	p.returns++
	return p.returns > maxReturns
}

// Of returns the tokens under key that have a tombstone and have not expired.
func (s *Set) Of(key string) (toks []store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for _, p := range s.of[key] {
		if p.tok.ValidAt(now) {
			toks = append(toks, p.tok)
		}
	}
	return toks
}

// Close stops the timer. A nil Set has none.
func (s *Set) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.sweeping != nil {
		s.sweeping.Stop()
	}
}

func valid(all []*tombstone, now time.Time) []*tombstone {
	return slices.DeleteFunc(all, func(p *tombstone) bool { return !p.tok.ValidAt(now) })
}

// sweepLater plans the removal of tombstones of expired tokens, as their keys may not be used
// again. The mutex is held.
func (s *Set) sweepLater() {
	if s.sweeping != nil || s.closed || len(s.of) == 0 && len(s.left) == 0 {
		return
	}
	if s.lazy {
		if time.Since(s.swept) >= sweepEvery {
			s.sweep()
		}
		return
	}
	s.sweeping = time.AfterFunc(sweepEvery, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sweep()
		s.sweeping = nil
		s.sweepLater()
	})
}

// sweep removes the tombstones of expired tokens. The mutex is held.
func (s *Set) sweep() {
	now := time.Now()
	s.swept = now
	for key, all := range s.of {
		if all = valid(all, now); len(all) > 0 {
			s.of[key] = all
		} else {
			delete(s.of, key)
		}
	}
	for key, was := range s.left {
		if !now.Before(was.until) {
			delete(s.left, key)
		}
	}
}
