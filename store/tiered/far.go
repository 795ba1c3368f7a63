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

// slow is the error of a caller that has waited as long as it may.
type slow struct{}

func (slow) Error() string { return "store/tiered: the far store did not answer in time" }

// Timeout and Temporary make it a net.Error.
func (slow) Timeout() bool   { return true }
func (slow) Temporary() bool { return true }

// operation is a read or a write of far. It goes on when its caller stops waiting.
type operation struct {
	s      *Store
	key    string
	limit  time.Duration // of the caller's wait
	after  *operation    // a write to the same key that comes first, nil if there is none
	report func(error)   // reports to the breaker; only the first call counts

	done chan struct{} // closed when tok and err are there
	tok  store.Token
	err  error
}

// read starts fn, which reads far, unless the breaker is open. It runs after a write to the
// same key that is under way. The context of the caller gives fn its values and limits the
// wait, not the operation.
func (s *Store) read(ctx context.Context, key string, fn func(context.Context) (store.Token, error)) *operation {
	op := s.operation(ctx, key)
	s.mu.Lock()
	op.after = s.writes[key]
	s.mu.Unlock()
	op.start(ctx, fn)
	return op
}

// write is read for a function that writes. The writes of one key run one after the other,
// so that one whose caller has left is not overtaken by the next.
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
	// The operation has a time of its own, as it goes on when the call has returned.
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
		if op.after != nil && !op.after.ended() { // this one did not start, and that one is under way
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

// wait waits for the operation until ctx ends or the call has waited as long as it may.
func (op *operation) wait(ctx context.Context) (store.Token, error) {
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
func (op *operation) slow(waited time.Duration) {
	if 2*waited >= op.s.cfg.FarWait {
		op.report(errSlow)
	}
}

// failure returns err if it means that far did not carry out an operation. A miss, an
// unusable token and an identity conflict are results.
func failure(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrIdentity) || errors.Is(err, store.ErrUnusable) {
		return nil
	}
	return err
}

// outage returns err if it means that far is down. A far that refuses writes is not.
func outage(err error) error {
	if errors.Is(err, store.ErrRefused) {
		return nil
	}
	return failure(err)
}

// begin adds a far operation to those that Close waits for. It is false if the store is
// closed.
func (s *Store) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}
