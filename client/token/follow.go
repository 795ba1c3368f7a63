package token

import (
	"sync"

	"github.com/advoware-go/advoware/store"
)

// following is whether the near store is being kept up to date: from the first call
// that finds no token, or the first use of one, until it lapses.
type following struct {
	mu   sync.Mutex
	stop func() // nil while nobody follows
}

func (s *Source) follow() {
	if s.cfg.Follow == nil || s.cfg.OneShot {
		return
	}
	s.following.mu.Lock()
	defer s.following.mu.Unlock()
	if s.following.stop == nil && !s.closed() {
		s.following.stop = s.cfg.Follow(s.cfg.Key, s.moved)
	}
}

// unfollow ends it, unless a renewal is planned: then the token is in use.
func (s *Source) unfollow() {
	s.following.mu.Lock()
	defer s.following.mu.Unlock()
	s.mu.Lock()
	planned := s.renewal.timer != nil
	s.mu.Unlock()
	if s.following.stop != nil && !planned {
		s.following.stop()
		s.following.stop = nil
	}
}

// moved hears that near has another token, which somebody else put into the store. It
// may end earlier than the one that the renewal was planned for.
func (s *Source) moved(tok store.Token) {
	s.rotated(Found{Token: tok, Origin: Far})
	s.replan(tok)
}
