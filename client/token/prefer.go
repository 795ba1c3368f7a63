package token

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Prefer returns a token that lasts at least that long from now if one is easily
// had, and otherwise have, the valid one that Lookup returned. It waits a quarter of
// atLeast at most, no longer than have lasts, and not at all while the last fetch has
// failed or if a fresh token could not promise that much either.
func (s *Source) Prefer(ctx context.Context, have Found, atLeast time.Duration) Found {
	left := store.Remaining(time.Now(), have.Token.Expiry())
	if left >= atLeast || atLeast > s.lifetime()/2 || s.failing() {
		return have
	}
	ctx, cancel := context.WithTimeout(ctx, min(atLeast/4, left))
	defer cancel()
	longer, err := s.wait(ctx, demand{atLeast: atLeast})
	if err != nil {
		have.Waited = true
		return have
	}
	longer.Waited = longer.Waited || have.Waited
	return longer
}

func (s *Source) failing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure.last != nil
}
