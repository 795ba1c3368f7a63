// Package claim reserves token keys of a process for identities, so that two identities
// do not use one key.
//
// Everything here is safe for concurrent use.
package claim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
)

// patience is how long a store is waited for that is asked what it still has.
const patience = 100 * time.Millisecond

// Claims says whose tokens keys are for. The zero value is ready for use.
type Claims struct {
	// Store is what does not tell identities apart, nil if there is none. It must not be
	// changed once a key is claimed.
	Store store.Store

	mu    sync.Mutex
	byKey map[string]*claim
}

// claim says whose tokens a key is for, and how many clients have been made for it. Their
// credentials may differ, an old and a new password say.
type claim struct {
	identity string
	clients  int
	free     time.Time // when the last token has ended, for one without clients
}

// Claim reserves a key for an identity, until every client that claimed it has released
// it and none of its tokens can be in Store any more. The error of a key that is another
// identity's matches store.ErrIdentity.
func (s *Claims) Claim(key, identity string) (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.byKey[key]
	if c == nil {
		c = &claim{identity: identity}
		if s.byKey == nil {
			s.byKey = make(map[string]*claim)
		}
		s.byKey[key] = c
	}
	if c.identity != identity {
		return nil, fmt.Errorf("TokenKey %q: %w, that of another client on these Stores: give each a TokenKey of its own", key, store.ErrIdentity)
	}
	c.clients++
	return sync.OnceFunc(func() { s.release(key, c) }), nil
}

// Identity returns whose tokens a key is for, "" if no client has said so.
func (s *Claims) Identity(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.byKey[key]; c != nil {
		return c.identity
	}
	return ""
}

// release takes one client of a claim away.
func (s *Claims) release(key string, c *claim) {
	left := s.remaining(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.clients--; c.clients > 0 {
		return
	}
	if left <= 0 {
		delete(s.byKey, key)
		return
	}
	c.free = time.Now().Add(left)
	time.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if c.clients == 0 && s.byKey[key] == c && !time.Now().Before(c.free) {
			delete(s.byKey, key)
		}
	})
}

// remaining returns how long a token lasts that this process may have under a key. What
// lies in Redis is told apart there.
func (s *Claims) remaining(key string) time.Duration {
	if s.Store == nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tok, err := bounded.Do(ctx, func(ctx context.Context) (store.Token, error) { return s.Store.Get(ctx, key) })
	switch {
	case err == nil:
		return time.Until(tok.Expiry())
	case errors.Is(err, store.ErrNotFound):
		return 0
	default: // it cannot tell
		return time.Hour
	}
}
