package token

import (
	"context"

	"github.com/advoware-go/advoware/internal/bounded"
)

// run is one search for a token, for its leader and all waiters.
type run struct {
	found
	err    error
	leader *Source
}

// join joins the run that is under way, or leads one that searches for what w asks for,
// and waits for its end. It returns nil if ctx or the Source ends first, which does not
// affect the run; none begins for a ctx that has ended.
//
// A run has the values of its leader's context, but neither its deadline nor its
// cancellation, and nothing that panics or exits in it reaches singleflight, which would
// end the process.
func (s *Source) join(ctx context.Context, w want) (r *run, led bool) {
	if ctx.Err() != nil {
		return nil, false
	}
	leads := new(bool)
	done := s.guard.runs.DoChan("", func() (any, error) {
		*leads = true
		return s.lead(context.WithoutCancel(ctx), w), nil
	})
	select {
	case r := <-done:
		return r.Val.(*run), *leads
	case <-ctx.Done():
	case <-s.life.Done():
	}
	return nil, false
}

// lead searches, for the leader and all waiters.
func (s *Source) lead(ctx context.Context, w want) *run {
	g := s.guard
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(g.life, func() { cancel(context.Cause(g.life)) })()
	if g.life.Err() != nil {
		cancel(context.Cause(g.life)) // now: AfterFunc does it a moment later, when the search runs
	}
	// A wait for others, one fetch and some store work, which the stores bound themselves.
	ctx, stop := context.WithTimeout(ctx, maxLeaseWait+2*s.cfg.FetchTimeout)
	defer stop()
	g.running.Store(true)
	defer g.running.Store(false)
	// On a goroutine of its own, so that the search may hang, panic or end its goroutine.
	f, err := bounded.Do(ctx, func(ctx context.Context) (found, error) { return s.find(ctx, w) })
	return &run{f, err, s}
}
