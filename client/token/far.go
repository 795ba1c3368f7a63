package token

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
)

// lookupFar is Lookup for a store that each call has to wait for: the look into it, and
// what a run does there, share one allowance.
func (s *Source) lookupFar(ctx context.Context, atLeast time.Duration) (Found, error) {
	ctx, allowance := farwait.With(ctx, s.cfg.FarWait)
	had := allowance.Left()
	tok, err := s.cfg.Tiers.Near.Get(ctx, s.cfg.Key)
	waited := had - allowance.Left()
	f, err := s.firstOrMissed(ctx, want{atLeast: max(0, atLeast)}, tok, err)
	f.FarWait += waited
	return f, err
}

// waitedOut reports whether a call may not wait for its far store any longer. What it does
// not know then is not worth an error: what is stored is compared there.
func (s *Source) waitedOut(ctx context.Context) bool {
	return s.far && farwait.Left(ctx, s.cfg.FarWait) <= 0
}
