package token

import "github.com/advoware-go/advoware/store"

// The near store is kept up to date from the first call that finds no token, or the first
// use of one, until the token lapses.

func (s *Source) follow() {
	s.setFollowing(func(bool) bool { return !s.closed() })
}

// unfollow ends it, unless a renewal is planned: then the token is in use.
func (s *Source) unfollow() {
	s.setFollowing(func(was bool) bool { return was && s.renewal.Now().Planned })
}

func (s *Source) setFollowing(want func(bool) bool) {
	if s.cfg.Tiers.Follow != nil && !s.cfg.OneShot && !s.cfg.Lazy {
		s.following.Set(want, func() func() { return s.cfg.Tiers.Follow(s.cfg.Key, s.moved) })
	}
}

// moved is called when near has another token, which another process put into the store.
// It may end earlier than the one that the renewal was planned for.
func (s *Source) moved(tok store.Token) {
	s.rotated(Found{Token: tok, Origin: Far})
	s.replan(tok)
}
