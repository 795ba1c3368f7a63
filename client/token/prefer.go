package token

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Prefer returns a token that lasts at least that long from now if it is easily
// had, and otherwise any valid one. It waits for a longer one a quarter of atLeast
// at most, and not at all while the last fetch has failed, or if a fresh token
// could not promise that much either. Its errors are those of Lookup.
func (s *Source) Prefer(ctx context.Context, atLeast time.Duration) (Found, error) {
	any, err := s.Lookup(ctx, 0)
	if err != nil || store.Remaining(time.Now(), any.Token.Expiry()) >= atLeast {
		return any, err
	}
	if atLeast > s.cfg.Lifetime/2 || s.failing() {
		return any, nil
	}
	patience, cancel := context.WithTimeout(ctx, atLeast/4)
	defer cancel()
	longer, err := s.wait(patience, demand{atLeast: atLeast})
	if err != nil {
		return any, nil
	}
	return longer, nil
}

func (s *Source) failing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure.last != nil
}
