package token

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/store"
)

// preferWait is the longest that a call which has a valid token waits for a longer one.
const preferWait = time.Second

// preference lets one call at a time wait for a longer token.
type preference struct {
	taken  atomic.Bool
	vainly atomic.Bool // a call has waited for the run that is under way, in vain
}

// prefer returns a token that lasts at least that long from now if one can be had soon,
// and otherwise have, the valid one that Lookup returned, which does not last as long. It waits a second at most,
// a quarter of atLeast, and no longer than have lasts; not at all while another call waits
// so, while a fetch goes on that one has waited for in vain, while the last fetch has
// failed, or if a fresh token could not promise that much either.
func (s *Source) prefer(ctx context.Context, have Found, atLeast time.Duration) Found {
	left := store.Remaining(time.Now(), have.Token.Expiry())
	if atLeast > s.lifetime()/2 || s.account.failed().last != nil {
		return have
	}
	p := &s.account.preference
	if p.vainly.Load() && s.guard.current.Load() != nil || p.taken.Swap(true) {
		return have
	}
	defer p.taken.Store(false)
	p.vainly.Store(false)
	patience, cancel := context.WithTimeout(ctx, min(preferWait, atLeast/4, left))
	defer cancel()
	longer, err := s.wait(patience, want{atLeast: atLeast})
	if err != nil {
		p.vainly.Store(ctx.Err() == nil && patience.Err() != nil)
		have.Waited = true
		return have
	}
	longer.Waited = longer.Waited || have.Waited
	return longer
}
