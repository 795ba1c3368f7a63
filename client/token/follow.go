package token

import (
	"sync"

	"github.com/advoware-go/advoware/store"
)

// following is whether the near store is being kept up to date: from the first call
// that finds no token, or the first use of one, until it lapses.
//
// Tiers.Follow and stop are called by one goroutine at a time, without a lock, so that
// they may call the Source. A change of wanted meanwhile is left to that goroutine.
type following struct {
	mu     sync.Mutex
	wanted bool
	busy   bool   // a goroutine is calling Follow or stop
	stop   func() // nil while the store is not followed
}

func (s *Source) follow() {
	if s.cfg.Tiers.Follow == nil || s.cfg.OneShot {
		return
	}
	s.following.mu.Lock()
	s.following.wanted = !s.closed()
	s.following.mu.Unlock()
	s.settleFollowing()
}

// unfollow ends it, unless a renewal is planned: then the token is in use.
func (s *Source) unfollow() {
	if s.cfg.Tiers.Follow == nil || s.cfg.OneShot {
		return
	}
	s.following.mu.Lock()
	s.mu.Lock()
	planned := s.renewal.timer != nil
	s.mu.Unlock()
	if !planned {
		s.following.wanted = false
	}
	s.following.mu.Unlock()
	s.settleFollowing()
}

// settleFollowing calls Follow or stop until things are as they are wanted.
func (s *Source) settleFollowing() {
	f := &s.following
	f.mu.Lock()
	defer f.mu.Unlock()
	for !f.busy && f.wanted != (f.stop != nil) {
		stop := f.stop
		f.stop = nil
		f.unlocked(func() {
			if stop != nil {
				stop()
				stop = nil
			} else if stop = s.cfg.Tiers.Follow(s.cfg.Key, s.moved); stop == nil {
				stop = func() {}
			}
		})
		f.stop = stop
	}
}

// unlocked calls fn, which may panic, without the lock that the caller holds.
func (f *following) unlocked(fn func()) {
	f.busy = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.busy = false
	}()
	fn()
}

// moved is called when near has another token, which another process put into the store.
// It may end earlier than the one that the renewal was planned for.
func (s *Source) moved(tok store.Token) {
	s.rotated(Found{Token: tok, Origin: Far})
	s.replan(tok)
}
