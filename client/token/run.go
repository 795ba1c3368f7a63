package token

import (
	"context"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/tokenerr"
)

// run is one search for a token, for its leader and all waiters.
type run struct {
	done   chan struct{} // closed when the rest is filled in
	leader *Source
	found
	err error
}

// join joins the run that is under way, or leads one that searches for what w asks for,
// and waits for its end. It returns nil if ctx or the Source ends first, which does not
// affect the run; none begins for a ctx that has ended.
//
// A run under way is joined without the group, which makes a channel for each waiter.
func (s *Source) join(ctx context.Context, w want) (r *run, led bool) {
	if ctx.Err() != nil {
		return nil, false
	}
	if r := s.guard.current.Load(); r != nil {
		return s.await(ctx, r), false
	}
	return s.begin(ctx, w)
}

// await waits for the end of r or of the Source, which take looks at first.
func (s *Source) await(ctx context.Context, r *run) *run {
	select {
	case <-s.waiters.Done(r.done, &s.life):
		return r
	case <-ctx.Done():
	}
	return nil
}

// begin leads a run, unless another caller is about to, whose run it waits for.
//
// A run has the values of its leader's context, but not its end, and nothing that panics or
// exits in it reaches singleflight, which would end the process.
func (s *Source) begin(ctx context.Context, w want) (r *run, led bool) {
	closed, drop := s.life.Done()
	defer drop()
	leads := false
	done := runs.DoChan(fmt.Sprintf("%p", s.guard), func() (any, error) {
		leads = true
		r := &run{done: make(chan struct{}), leader: s}
		s.guard.current.Store(r)
		defer close(r.done)
		defer s.guard.current.Store(nil)
		r.found, r.err = s.lead(context.WithoutCancel(ctx), w)
		return r, nil
	})
	select {
	case r := <-done:
		return r.Val.(*run), leads
	case <-ctx.Done():
	case <-closed:
	}
	return nil, false
}

// lead searches, for the leader and all waiters.
func (s *Source) lead(ctx context.Context, w want) (found, error) {
	ctx, cancel := s.guard.closing.Context(ctx, ErrClosed)
	defer cancel()
	// A wait for others, one fetch and some store work, which the stores bound themselves.
	began, longest := time.Now(), maxLeaseWait+2*s.cfg.FetchTimeout
	ctx, stop := context.WithTimeout(ctx, longest)
	defer stop()
	// On a goroutine of its own, so that the search may hang, panic or end its goroutine.
	f, err := bounded.Do(ctx, func(ctx context.Context) (found, error) { return s.find(ctx, w) })
	return f, tokenerr.OrSuspended(err, began, longest)
}
