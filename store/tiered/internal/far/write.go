package far

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
)

// writeOrRead writes, and reads far if that fails or is not done soon: a server that takes
// no writes at present may be readable, and then the breaker stays closed.
func (op *Operation) writeOrRead(ctx context.Context, write func(context.Context) (store.Token, error)) (store.Token, error) {
	f, began := op.f, time.Now()
	written := bounded.Go(func() (store.Token, error) { return write(ctx) })
	late := time.NewTimer(putOff(ctx, began, max(op.limit, f.cfg.Wait)/2))
	defer late.Stop()
	var waited time.Duration // for its turn
	var read <-chan bounded.Result[store.Token]
	var done *bounded.Result[store.Token]
	for {
		select {
		case w := <-written:
			if written, done = nil, &w; health.Outage(w.Err) == nil {
				op.noteWrite(ctx, w.Err)
				return w.Value, w.Err
			}
		case <-late.C:
			if queued := putOff(ctx, began, farwait.Queued(ctx)-waited); queued > 0 { // it is not far that is slow
				waited += queued
				late.Reset(queued)
				continue
			}
		case r := <-read:
			if health.Outage(r.Err) == nil {
				op.report(nil)
				if done == nil {
					w := <-written
					done = &w
				}
				op.noteWrite(ctx, done.Err)
			} else if done == nil {
				w := <-written
				done = &w
			}
			return done.Value, done.Err
		}
		if read == nil && f.begin() {
			read = bounded.Go(func() (store.Token, error) {
				defer f.running.Done()
				return f.cfg.Store.Get(ctx, op.keys[0])
			})
		}
		if read == nil && written == nil { // closed
			return done.Value, done.Err
		}
	}
}

// putOff returns for how long a read is put off that should be for d, as what it stands in for may
// still be answered: not beyond three quarters of the time that ctx has from began on. There must be
// time for its answer, or far would be taken for down, by a process that is busy for nearly half of
// the time, or whose calls wait for longer than an operation takes.
func putOff(ctx context.Context, began time.Time, d time.Duration) time.Duration {
	if end, ok := ctx.Deadline(); ok {
		d = min(d, time.Until(began.Add(end.Sub(began)/4*3)))
	}
	return d
}

// noteWrite logs the first write that far does not take although it can be read. Missing
// rights are logged by far itself.
func (op *Operation) noteWrite(ctx context.Context, err error) {
	f := op.f
	switch {
	case errors.Is(err, store.ErrForbidden), isBusy(err): // one that was not needed shows nothing
		return
	case health.Failure(err) == nil:
		f.unwritten.Store(false)
		return
	}
	op.CountError()
	if f.unwritten.CompareAndSwap(false, true) {
		f.cfg.Logger.WarnContext(ctx, f.cfg.Name+" takes no writes, keeping the tokens of this process until it does", "error", err)
	}
}
