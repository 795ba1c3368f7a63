package memory

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/store"
)

// Store is a bounded store of tokens in this process. Create it with New. It
// implements [store.Store].
//
// No method blocks for longer than other writers take, which is microseconds, so the
// context is ignored: a fetched token is kept even if its caller has left.
//
// A timer removes a token at its expiry, so that Get need not read the clock. The timer
// can be late: by milliseconds on a busy machine, which the guard time before the real end
// of a token makes harmless, and by as long as the machine was suspended. A caller for
// whom that matters compares Expiry with the wall clock.
type Store struct {
	// Read by hits, written under mu.
	single atomic.Pointer[entry] // the only entry; nil if there are several, which it would only delay
	table  table
	closed atomic.Bool
	start  time.Time // deadlines count from here

	_ [64]byte // keeps the writers' lock off the cache line that hits read

	mu       sync.Mutex // serialises writers
	policy   policy
	expiries expiryHeap
	expiring bool        // expire is between two batches
	timer    *time.Timer // nil before the first token
	stats    Stats
}

var _ store.Store = (*Store)(nil)

// New returns an empty Store. Close it when it is no longer needed.
func New(c Config) (*Store, error) {
	capacity, err := c.capacity()
	if err != nil {
		return nil, err
	}
	s := &Store{start: time.Now()}
	s.table.init(capacity)
	s.policy = newPolicy(capacity, s.evict)
	return s, nil
}

// Get implements [store.Store]. It does not allocate and takes no lock.
func (s *Store) Get(_ context.Context, key string) (store.Token, error) {
	if e := s.single.Load(); e != nil && e.key == key {
		if tok := e.Hit(); !tok.IsZero() {
			return tok, nil
		}
	}
	return s.find(key)
}

func (s *Store) find(key string) (store.Token, error) {
	if e := s.table.find(key); e != nil {
		if tok := e.Hit(); !tok.IsZero() {
			return tok, nil
		}
	}
	if s.closed.Load() {
		return store.Token{}, ErrClosed
	}
	return store.Token{}, store.ErrNotFound
}

// Slot returns where the token of key is until it is removed, nil if there is none. It is
// for lease.Tiers, as the Slot of a near store: a token.Source that has it needs no Get.
func (s *Store) Slot(key string) *atomictoken.Slot {
	if e := s.table.find(key); e != nil {
		return &e.Slot
	}
	return nil
}

// CompareAndSwap implements [store.Store]. A token that is not kept because the store is
// full is returned all the same; the next Get misses.
func (s *Store) CompareAndSwap(_ context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := store.CheckStorable(tok); err != nil {
		return store.Token{}, err
	}
	s.mu.Lock()
	defer s.unlock()
	if s.closed.Load() {
		return store.Token{}, ErrClosed
	}
	now := time.Now()
	e := s.table.find(key)
	if e == nil {
		s.add(&entry{key: key}, tok, now)
		return tok, nil
	}
	if there := e.Load(); !there.Equal(old) && there.ValidAt(now) {
		return there, nil
	}
	e.Store(tok)
	e.deadline = s.deadline(tok, now)
	s.expiries.moved(e)
	s.resetTimer(now)
	return tok, nil
}

// add stores the token of a new key, unless the policy rejects it.
func (s *Store) add(e *entry, tok store.Token, now time.Time) {
	if s.policy.admit(e) {
		e.Store(tok)
		e.deadline = s.deadline(tok, now)
		s.expiries.add(e)
		s.table.insert(e)
		s.updateSingle()
	} else {
		s.stats.Rejected++
	}
	s.resetTimer(now)
}

// CompareAndDelete implements [store.Store].
func (s *Store) CompareAndDelete(_ context.Context, key string, old store.Token) error {
	s.mu.Lock()
	defer s.unlock()
	if s.closed.Load() {
		return ErrClosed
	}
	if e := s.table.find(key); e != nil && e.Load().Equal(old) {
		s.policy.remove(e)
		s.remove(e)
		s.resetTimer(time.Now())
	}
	return nil
}

// unlock ends a write. Changes are applied to ristretto without the lock: that may take as long
// as its goroutine has no turn.
func (s *Store) unlock() {
	apply := s.policy.probation.batch()
	s.mu.Unlock()
	if apply != nil {
		apply()
	}
}

// evict is called by the policy for an entry that has to go.
func (s *Store) evict(e *entry) {
	s.remove(e)
	s.stats.Evicted++
}

// remove takes an entry out of everything but the policy. It is emptied first: once a Get
// has missed, nobody who holds its Slot has the token either.
func (s *Store) remove(e *entry) {
	e.Store(store.Token{})
	s.table.remove(e)
	s.expiries.remove(e)
	s.updateSingle()
}

// updateSingle makes single the only entry, if there is just one.
func (s *Store) updateSingle() {
	var only *entry
	if len(s.expiries) == 1 {
		only = s.expiries[0]
	}
	if s.single.Load() != only {
		s.single.Store(only)
	}
}

// Stats returns the counts so far.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Tokens = len(s.expiries)
	return stats
}

// Close empties the store, stops its timer and ends its goroutines before it returns. It
// may be called at any moment and more than once, and always returns nil. Every other
// method but Stats returns ErrClosed from then on.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Swap(true) {
		return nil
	}
	for _, e := range s.expiries {
		e.Store(store.Token{})
	}
	s.table.clear()
	s.expiries = nil
	s.updateSingle()
	s.resetTimer(time.Now())
	s.policy.close()
	return nil
}
