package tiered

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
)

// writeOrRead writes, and reads far if that fails or is not done soon: a server that takes
// no writes at present may be readable, and then the breaker stays closed.
func (op *operation) writeOrRead(ctx context.Context, write func(context.Context) (store.Token, error)) (store.Token, error) {
	s := op.s
	written := bounded.Go(func() (store.Token, error) { return write(ctx) })
	late := time.NewTimer(max(op.limit, s.cfg.FarWait) / 2)
	defer late.Stop()
	var read <-chan bounded.Result[store.Token]
	var done *bounded.Result[store.Token]
	for {
		select {
		case w := <-written:
			if written, done = nil, &w; outage(w.Err) == nil {
				s.noteWrite(ctx, w.Err)
				return w.Value, w.Err
			}
		case <-late.C:
		case r := <-read:
			if outage(r.Err) == nil {
				op.report(nil)
				if done == nil {
					w := <-written
					done = &w
				}
				if outage(done.Err) != nil {
					s.noteWrite(ctx, done.Err)
				}
			} else if done == nil {
				w := <-written
				done = &w
			}
			return done.Value, done.Err
		}
		if read == nil && s.begin() {
			read = bounded.Go(func() (store.Token, error) {
				defer s.running.Done()
				return s.cfg.Far.Get(ctx, op.key)
			})
		}
		if read == nil && written == nil { // closed
			return done.Value, done.Err
		}
	}
}

// noteWrite logs the first write that far does not take although it can be read. Missing
// rights are logged by far itself.
func (s *Store) noteWrite(ctx context.Context, err error) {
	switch {
	case failure(err) == nil:
		s.unwritten.Store(false)
		return
	case errors.Is(err, store.ErrForbidden):
		return
	}
	s.health.errors.Add(1)
	if s.unwritten.CompareAndSwap(false, true) {
		s.cfg.Logger.WarnContext(ctx, s.cfg.FarName+" takes no writes, keeping the tokens of this process until it does", "error", err)
	}
}
