package memory

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Store is a bounded store of tokens in this process. Create it with New. It
// implements [store.Store].
//
// It never waits for anything but other writers, who take microseconds, so it
// does not look at the context: a token that somebody fetched is kept even if
// they are gone.
//
// A timer removes a token at its expiry, so that Get need not read the clock. A
// timer can be late: by milliseconds on a busy machine, which the guard time
// before the real end of a token makes harmless, and by as long as the machine was
// suspended. Whoever cares about that compares Expiry with the wall clock.
type Store struct {
	// What a hit reads, and only writers write.
	hot    atomic.Pointer[entry] // the only entry; nil if there are several, whom it would only delay
	front  table
	closed atomic.Bool
	start  time.Time // the zero of due

	_ [64]byte // so that a writer's lock does not slow down hits

	mu     sync.Mutex // serialises writers
	policy *policy
	ends   deadlines
	timer  *time.Timer // nil before the first token
	stats  Stats
}

var _ store.Store = (*Store)(nil)

// New returns an empty Store. Close it when it is no longer needed.
func New(c Config) (*Store, error) {
	capacity, err := c.capacity()
	if err != nil {
		return nil, err
	}
	p, err := newPolicy(capacity)
	if err != nil {
		return nil, fmt.Errorf("memory: %w", err)
	}
	return &Store{front: newTable(capacity), policy: p, start: time.Now()}, nil
}

// Get implements [store.Store]. It allocates nothing and takes no lock.
func (s *Store) Get(_ context.Context, key string) (store.Token, error) {
	if e := s.hot.Load(); e != nil && e.key == key {
		return e.ask(), nil
	}
	return s.find(key)
}

func (s *Store) find(key string) (store.Token, error) {
	if e := s.front.find(key); e != nil {
		return e.ask(), nil
	}
	if s.closed.Load() {
		return store.Token{}, ErrClosed
	}
	return store.Token{}, store.ErrNotFound
}

// CompareAndSwap implements [store.Store]. A token that is not kept because the
// store is full stands all the same; the next Get misses.
func (s *Store) CompareAndSwap(_ context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := store.CheckStorable(tok); err != nil {
		return store.Token{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return store.Token{}, ErrClosed
	}
	now := time.Now()
	e := s.front.find(key)
	if e == nil {
		s.admit(&entry{key: key}, tok, now)
		return tok, nil
	}
	if there := e.tok.Load(); !there.Equal(old) && there.ValidAt(now) {
		return there, nil
	}
	e.tok.Store(tok)
	e.due = s.due(tok, now)
	s.ends.moved(e)
	s.arm(now)
	return tok, nil
}

// admit takes a new identity in if the policy keeps it.
func (s *Store) admit(e *entry, tok store.Token, now time.Time) {
	evicted, kept := s.policy.admit(e)
	for _, v := range evicted {
		s.remove(v)
	}
	s.stats.Evicted += uint64(len(evicted))
	if kept {
		e.tok.Store(tok)
		e.due = s.due(tok, now)
		s.ends.add(e)
		s.front.insert(e)
		s.heat()
	} else {
		s.stats.Rejected++
	}
	s.arm(now)
}

// CompareAndDelete implements [store.Store].
func (s *Store) CompareAndDelete(_ context.Context, key string, old store.Token) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return ErrClosed
	}
	if e := s.front.find(key); e != nil && e.tok.Load().Equal(old) {
		s.remove(e)
		s.policy.forget(e)
		s.arm(time.Now())
	}
	return nil
}

// remove takes an entry out of everything but the policy.
func (s *Store) remove(e *entry) {
	s.front.remove(e)
	s.ends.remove(e)
	s.heat()
}

// heat makes hot the only entry, if there is just one.
func (s *Store) heat() {
	var only *entry
	if len(s.ends) == 1 {
		only = s.ends[0]
	}
	if s.hot.Load() != only {
		s.hot.Store(only)
	}
}

// Len tells how many tokens are in the store, at most Config.Capacity.
func (s *Store) Len() int { return s.Stats().Tokens }

// Stats returns the counts so far.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Tokens = len(s.ends)
	return stats
}

// Close empties the store and ends its timer and goroutines; when it returns, it
// is done. It may be called at any moment and again, and always returns nil.
// Everything else answers ErrClosed from then on.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Swap(true) {
		return nil
	}
	for len(s.ends) > 0 {
		s.remove(s.ends[len(s.ends)-1])
	}
	s.arm(time.Now())
	s.policy.close()
	return nil
}
