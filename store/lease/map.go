package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Map is a Lease within one process, for sources that share a Store: the simplest
// thing that keeps the promise. A holder that never releases keeps the lease for
// ever. It takes everybody who asks for the same key for one with the same credentials.
type Map struct {
	// Store has the tokens that the lease is about; required.
	Store store.Store

	mu   sync.Mutex
	keys map[string]*slot
}

var _ Lease = (*Map)(nil)

// slot is what is known of one key.
type slot struct {
	holder string
	ended  chan struct{} // closed when holder has ended
	last   string        // the holder before
	met    *Failure      // what that one met
	due    time.Time     // until when met holds
}

// Acquire implements Lease. An error is the Store's.
func (m *Map) Acquire(ctx context.Context, key string, ask Ask) (Turn, error) {
	turn := m.take(key, ask)
	// Looked at last: whoever had the lease has stored a token before giving it back.
	tok, err := m.Store.Get(ctx, key)
	switch {
	case err == nil && !tok.Equal(ask.Old):
		turn.Drop()
		return Turn{Token: tok}, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		turn.Drop()
		return Turn{}, err
	}
	return turn, nil
}

// take is Acquire without a look at the store.
func (m *Map) take(key string, ask Ask) Turn {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.keys[key]
	if s == nil {
		s = new(slot)
		if m.keys == nil {
			m.keys = make(map[string]*slot)
		}
		m.keys[key] = s
	}
	if left := time.Until(s.due); s.met != nil && left > 0 && !ask.Force && (s.met.Refused || s.last == ask.Holder) {
		return Turn{Failure: &Failure{Refused: s.met.Refused, Message: s.met.Message, Pause: left}}
	}
	if s.holder != "" {
		return Turn{Holder: s.holder, Wait: s.wait(s.ended)}
	}
	s.holder, s.ended = rand.Text(), make(chan struct{})
	if ask.Force {
		s.met = nil // the fetch that follows will tell
	}
	return Turn{Release: m.release(s, s.holder)}
}

// wait does not see what others store without the lease; asking again now and then
// does.
func (s *slot) wait(ended <-chan struct{}) func(context.Context) error {
	return func(ctx context.Context) error {
		again := time.NewTimer(25 * time.Millisecond)
		defer again.Stop()
		select {
		case <-ended:
			return ctx.Err()
		case <-again.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (m *Map) release(s *slot, holder string) func(*Failure) {
	return func(f *Failure) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if s.holder != holder {
			return
		}
		close(s.ended)
		s.holder, s.last = "", holder
		if f != nil {
			s.met, s.due = f, time.Now().Add(f.Pause)
		}
	}
}
