package tiered

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
)

var (
	errOpen = errors.New("store/tiered: the far store is left alone after a failure")
	errSlow = slow{}
)

// slow is the error of a caller who has waited long enough.
type slow struct{}

func (slow) Error() string { return "store/tiered: the far store did not answer in time" }

// Timeout and Temporary make it a net.Error.
func (slow) Timeout() bool   { return true }
func (slow) Temporary() bool { return true }

// operation is something done to far. It runs on after a caller stops waiting.
type operation struct {
	s      *Store
	key    string
	limit  time.Duration // how long the caller may wait for it
	after  *operation    // a write to the same key that comes first, nil if there is none
	report func(error)   // to the breaker; the first call counts

	done chan struct{} // closed when tok and err are there
	tok  store.Token
	err  error
}

// read starts fn, which reads far, unless far is being left alone. It comes after a
// write to the same key that is still under way. The caller's context gives fn its
// values and bounds the wait, not the operation.
func (s *Store) read(ctx context.Context, key string, fn func(context.Context) (store.Token, error)) *operation {
	op := s.operation(ctx, key)
	s.mu.Lock()
	op.after = s.writes[key]
	s.mu.Unlock()
	op.start(ctx, fn)
	return op
}

// write is read for a function that writes: those of one key take turns, so that
// one which nobody waits for any more is not overtaken by the next.
func (s *Store) write(ctx context.Context, key string, fn func(context.Context) (store.Token, error)) *operation {
	op := s.operation(ctx, key)
	s.mu.Lock()
	op.after, s.writes[key] = s.writes[key], op
	s.mu.Unlock()
	op.start(ctx, func(ctx context.Context) (store.Token, error) { return op.writeOrRead(ctx, fn) })
	return op
}

func (s *Store) operation(ctx context.Context, key string) *operation {
	return &operation{s: s, key: key, done: make(chan struct{}), limit: farwait.Left(ctx, s.cfg.FarWait)}
}

func (op *operation) start(ctx context.Context, fn func(context.Context) (store.Token, error)) {
	s := op.s
	if !s.begin() {
		op.end(store.Token{}, ErrClosed)
		return
	}
	done, err := s.breaker.Allow()
	if err != nil {
		s.running.Done()
		op.end(store.Token{}, errOpen)
		return
	}
	// The operation goes on when the call has waited as long as it may.
	ctx = farwait.Fresh(context.WithoutCancel(ctx), s.cfg.FarTimeout)
	var reported atomic.Bool
	op.report = func(err error) {
		if !reported.Swap(true) {
			done(err)
			s.noteOutcome(ctx, op, err)
		}
	}
	go func() {
		if op.after != nil {
			<-op.after.done
			op.after = nil
		}
		ctx, cancel := context.WithTimeout(ctx, s.cfg.FarTimeout)
		defer cancel()
		tok, err := bounded.Do(ctx, fn)
		s.running.Done()
		op.report(outage(err))
		op.end(tok, err)
	}()
}

func (op *operation) end(tok store.Token, err error) {
	op.tok, op.err = tok, err
	op.s.mu.Lock()
	defer op.s.mu.Unlock()
	if op.s.writes[op.key] == op {
		delete(op.s.writes, op.key)
		if op.after != nil && !op.after.ended() { // this one was not begun, that one is under way
			op.s.writes[op.key] = op.after
		}
	}
	op.after = nil
	close(op.done)
}

func (op *operation) ended() bool {
	select {
	case <-op.done:
		return true
	default:
		return false
	}
}

// wait waits for the operation, as long as the call's allowance and ctx last.
func (op *operation) wait(ctx context.Context) (store.Token, error) {
	select {
	case <-op.done:
		return op.tok, op.err
	default:
	}
	if op.limit <= 0 {
		return store.Token{}, errSlow // the call has waited enough, which is not far's fault
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
		if errors.Is(ctx.Err(), context.DeadlineExceeded) { // who gives up says nothing about far
			op.slow(time.Since(began))
		}
		return store.Token{}, ctx.Err()
	}
}

// slow tells the breaker that far has not answered for so long. Less than half of what
// a call waits says little.
func (op *operation) slow(waited time.Duration) {
	if 2*waited >= op.s.cfg.FarWait {
		op.report(errSlow)
	}
}

// failure returns err if it means that far has not done what it was asked: a miss, a
// refused token and an identity conflict are proper answers.
func failure(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrIdentity) || errors.Is(err, store.ErrUnusable) {
		return nil
	}
	return err
}

// outage returns err if it means that far cannot be asked either. One that may not be
// written to can.
func outage(err error) error {
	if errors.Is(err, store.ErrRefused) {
		return nil
	}
	return failure(err)
}

// begin counts a far operation in, unless the store has been closed.
func (s *Store) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}
