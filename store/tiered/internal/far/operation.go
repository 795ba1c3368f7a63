package far

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
)

var (
	errOpen = errors.New("store/tiered: the far store is left alone after a failure")
	errSlow = slow{}
)

// slow is the error of a caller that has waited as long as it may.
type slow struct{}

func (slow) Error() string { return "store/tiered: the far store did not answer in time" }

// Timeout and Temporary make it a net.Error.
func (slow) Timeout() bool   { return true }
func (slow) Temporary() bool { return true }

// Operation is a read or a write of far. It goes on when its caller stops waiting.
type Operation struct {
	f      *Far
	key    string
	limit  time.Duration // of the caller's wait
	after  *Operation    // a write to the same key that comes first, nil if there is none
	report func(error)   // reports to the breaker; only the first call counts

	done chan struct{} // closed when tok and err are there
	tok  store.Token
	err  error
}

// Read starts fn, which reads far, unless the breaker is open. It runs after a write to the
// same key that is under way. The context of the caller gives fn its values and limits the
// wait, not the operation.
func (f *Far) Read(ctx context.Context, key string, fn func(context.Context) (store.Token, error)) *Operation {
	op := f.operation(ctx, key)
	f.mu.Lock()
	op.after = f.writes[key]
	f.mu.Unlock()
	op.start(ctx, fn)
	return op
}

// Write is Read for a function that writes. The writes of one key run one after the other,
// so that one whose caller has left is not overtaken by the next.
func (f *Far) Write(ctx context.Context, key string, fn func(context.Context) (store.Token, error)) *Operation {
	op := f.operation(ctx, key)
	f.mu.Lock()
	op.after, f.writes[key] = f.writes[key], op
	f.mu.Unlock()
	op.start(ctx, func(ctx context.Context) (store.Token, error) { return op.writeOrRead(ctx, fn) })
	return op
}

func (f *Far) operation(ctx context.Context, key string) *Operation {
	return &Operation{f: f, key: key, done: make(chan struct{}), limit: farwait.Left(ctx, f.cfg.Wait)}
}

func (op *Operation) start(ctx context.Context, fn func(context.Context) (store.Token, error)) {
	f := op.f
	if !f.begin() {
		op.end(store.Token{}, ErrClosed)
		return
	}
	done, err := f.breaker.Allow()
	if err != nil {
		f.running.Done()
		op.end(store.Token{}, errOpen)
		return
	}
	// The operation has a time of its own, as it goes on when the call has returned.
	ctx = farwait.Fresh(context.WithoutCancel(ctx), f.cfg.Timeout)
	var reported atomic.Bool
	op.report = func(err error) {
		if !reported.Swap(true) {
			done(err)
			f.noteOutcome(ctx, op, err)
		}
	}
	go func() {
		if op.after != nil {
			<-op.after.done
			op.after = nil
		}
		ctx, cancel := context.WithTimeout(ctx, f.cfg.Timeout)
		defer cancel()
		tok, err := bounded.Do(ctx, fn)
		f.running.Done()
		op.report(health.Outage(err))
		op.end(tok, err)
	}()
}

func (op *Operation) end(tok store.Token, err error) {
	op.tok, op.err = tok, err
	op.f.mu.Lock()
	defer op.f.mu.Unlock()
	if op.f.writes[op.key] == op {
		delete(op.f.writes, op.key)
		if op.after != nil && !op.after.ended() { // this one did not start, and that one is under way
			op.f.writes[op.key] = op.after
		}
	}
	op.after = nil
	close(op.done)
}

func (op *Operation) ended() bool {
	select {
	case <-op.done:
		return true
	default:
		return false
	}
}

// Result waits for the end of the operation, however long that takes, and returns its result.
func (op *Operation) Result() (store.Token, error) {
	<-op.done
	return op.tok, op.err
}

// Wait waits for the operation until ctx ends or the call has waited as long as it may.
func (op *Operation) Wait(ctx context.Context) (store.Token, error) {
	select {
	case <-op.done:
		return op.tok, op.err
	default:
	}
	if op.limit <= 0 {
		return store.Token{}, errSlow // the call has no time left, which is no failure of far
	}
	began := time.Now()
	defer func() { farwait.Spend(ctx, time.Since(began)) }()
	patience := time.NewTimer(op.limit)
	defer patience.Stop()
	select {
	case <-op.done:
		return op.tok, op.err
	case <-patience.C:
		op.slow(time.Since(began))
		return store.Token{}, errSlow
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) { // a cancelled caller is no failure of far
			op.slow(time.Since(began))
		}
		return store.Token{}, ctx.Err()
	}
}

// slow reports to the breaker that far has not answered for so long. A wait of less than
// half of FarWait is not reported: far may be about to answer.
func (op *Operation) slow(waited time.Duration) {
	if !op.f.Patient(waited) {
		op.report(errSlow)
	}
}

// Patient reports whether a wait without an answer is so short that it is no failure.
func (f *Far) Patient(waited time.Duration) bool { return 2*waited < f.cfg.Wait }
