// Package leasemap has a lease within one process, for tests of what asks for one.
//
// A Map is safe for concurrent use. See store/lease for what it promises.
package leasemap

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// Map is a lease.Lease within one process, for sources that share a Store: the simplest
// thing that keeps the promise. A holder that never releases keeps the lease until
// somebody asks to take over.
type Map struct {
	// Store has the tokens that the lease is about; required.
	Store store.Store

	mu   sync.Mutex
	keys map[string]*slot
}

var _ lease.Lease = (*Map)(nil)

// slot is what is known of one key.
type slot struct {
	holder  string
	ended   chan struct{}   // closed when holder has ended
	last    string          // the holder before
	outage  *met            // what that one met, nil if nothing
	refused map[string]*met // by credentials; and what else is shared
}

// met is what a holder met.
type met struct {
	credentials string
	failure     lease.Failure
	due         time.Time // until when it holds
}

// Acquire implements Lease. An error is the Store's.
func (m *Map) Acquire(ctx context.Context, key string, ask lease.Ask) (lease.Outcome, error) {
	outcome := m.take(key, ask)
	// Looked at last: whoever had the lease has stored a token before giving it back.
	tok, err := m.Store.Get(ctx, key)
	switch {
	case err == nil && !tok.Equal(ask.Old):
		outcome.Drop()
		return lease.Outcome{Token: tok}, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		outcome.Drop()
		return lease.Outcome{}, err
	}
	return outcome, nil
}

// take is Acquire without a look at the store.
func (m *Map) take(key string, ask lease.Ask) lease.Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.keys[key]
	if s == nil {
		s = &slot{refused: make(map[string]*met)}
		if m.keys == nil {
			m.keys = make(map[string]*slot)
		}
		m.keys[key] = s
	}
	if f := s.failure(ask); f != nil {
		return lease.Outcome{Failure: f}
	}
	if s.holder != "" && !(ask.TakeOver && s.holder == ask.Holder) {
		return lease.Outcome{Holder: s.holder, Wait: s.wait(s.ended)}
	}
	if s.holder != "" {
		close(s.ended) // those who wait for it find somebody else
	}
	s.holder, s.ended = rand.Text(), make(chan struct{})
	if ask.Force {
		delete(s.refused, ask.Credentials) // the fetch that follows will tell
	}
	return lease.Outcome{Release: m.release(s, s.holder, ask.Credentials)}
}

// failure returns what another one met, if it applies to the one who asks.
func (s *slot) failure(ask lease.Ask) *lease.Failure {
	if ask.Force || ask.Credentials == "" {
		return nil
	}
	if f := s.refused[ask.Credentials].left(); f != nil {
		return f
	}
	if ask.Tried && ask.Holder != "" && ask.Holder == s.last && s.outage != nil && s.outage.credentials == ask.Credentials {
		return s.outage.left()
	}
	return nil
}

// left returns the failure as it is now, nil if it is over.
func (m *met) left() *lease.Failure {
	if m == nil || !time.Now().Before(m.due) {
		return nil
	}
	f := m.failure
	f.Pause = time.Until(m.due)
	return &f
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

func (m *Map) release(s *slot, holder, credentials string) func(*lease.Failure) {
	var once sync.Once
	return func(f *lease.Failure) {
		once.Do(func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			s.note(holder, credentials, f)
			if s.holder == holder {
				close(s.ended)
				s.holder, s.last = "", holder
			}
		})
	}
}

// note keeps what a holder met. A refusal is kept also if somebody has taken its place.
func (s *slot) note(holder, credentials string, f *lease.Failure) {
	now := time.Now()
	maps.DeleteFunc(s.refused, func(_ string, m *met) bool { return !now.Before(m.due) })
	var m *met
	if f != nil && credentials != "" {
		m = &met{credentials, *f, now.Add(f.Pause)}
	}
	switch {
	case m != nil && (f.Refused || f.Shared):
		s.refused[credentials] = m
	case s.holder == holder:
		s.outage = m
	}
}
