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

// patience limits how long the store is waited for.
const patience = 100 * time.Millisecond

// Claims records which identity the tokens under each key are for. The zero value is ready for
// use.
type Claims struct {
	// Store keeps tokens without their identity; nil: there is none. It must not be changed
	// once a key is claimed.
	Store store.Store

	mu    sync.Mutex
	byKey map[string]*claim
}

// claim is the identity of a key, and the number of its clients. Their credentials may differ,
// an old and a new password say.
type claim struct {
	identity string
	clients  int
	free     time.Time // when the last token has ended, for one without clients
}

// Claim reserves a key for an identity, until every client that claimed it has released
// it and Store can have none of its tokens. If another identity has the key, the error matches
// store.ErrIdentity.
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
	var once sync.Once // a process may have thousands of clients, and a sync.OnceFunc is larger
	return func() { once.Do(func() { s.release(key, c) }) }, nil
}

// Identity returns the identity that has claimed a key, "" if there is none.
func (s *Claims) Identity(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.byKey[key]; c != nil {
		return c.identity
	}
	return ""
}

// release removes one client of a claim.
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

// remaining returns how long a token lasts that Store may have under a key. Redis is not asked:
// tokens there have their identity beside them.
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
	default: // unknown
		return time.Hour
	}
}
