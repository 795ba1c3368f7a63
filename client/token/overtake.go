package token

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/internal/wait"
)

// lookEvery is how often a process looks whether another one was faster, while its own
// token request takes longer than usual.
const lookEvery = 250 * time.Millisecond

// ErrOvertaken is the error in Hooks of a token request that was given up because another
// process had stored a token meanwhile. It is not a failure, and no caller gets it.
var ErrOvertaken = tokenerr.ErrOvertaken

// overtakable returns a context for a token request, which ends with ErrOvertaken when
// another process has stored a token that w takes. Others may be fetching too: from the
// beginning if this one took the lease over, or later if they take it over.
func (s *Source) overtakable(ctx context.Context, w want, crowded bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	pause := lookEvery
	if !crowded {
		pause = s.account.pace.Patience()
	}
	bounded.Run(func() { // a store may panic
		for ; wait.Rest(ctx, pause) == nil; pause = lookEvery {
			if tok, err := s.cfg.Tiers.Reread(farwait.Fresh(ctx, s.cfg.FarWait), s.cfg.Key); err == nil && s.serves(w, tok) {
				cancel(&tokenerr.Overtaken{By: tok})
			}
		}
	})
	return ctx, func() { cancel(nil) }
}
