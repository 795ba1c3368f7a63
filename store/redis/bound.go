package redis

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
)

// errWaited is returned when a call has waited for Redis as long as it may.
var errWaited error = waited{}

type waited struct{}

func (waited) Error() string { return "a call does not wait for Redis any longer" }

// Timeout and Temporary make it a net.Error.
func (waited) Timeout() bool   { return true }
func (waited) Temporary() bool { return true }

// Is makes it match context.DeadlineExceeded.
func (waited) Is(target error) bool { return target == context.DeadlineExceeded }

// bound returns the context of one operation and its cancel function. The context ends
// after Config.Timeout, or after what the call of ctx may still wait for Redis.
func (s *Store) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.cfg.Client == nil { // the operation returns errUnmade
		return context.WithCancel(ctx)
	}
	limit, cause := farwait.Left(ctx, s.cfg.Timeout), s.silent
	if limit < s.cfg.Timeout {
		cause = errWaited
	}
	began := time.Now()
	short, cancel := context.WithTimeoutCause(ctx, limit, cause)
	return short, func() {
		cancel()
		farwait.Spend(ctx, time.Since(began))
	}
}

// write runs an operation that writes. A call waits for it only as long as it may, and the
// operation goes on within Config.Timeout: a fetched token is stored and a rejected one is
// removed, however slow Redis is.
func write[T any](ctx context.Context, s *Store, fn func(context.Context) (T, error)) (T, error) {
	limit := farwait.Left(ctx, s.cfg.Timeout)
	if s.cfg.Client == nil || limit >= s.cfg.Timeout {
		ctx, cancel := s.bound(ctx)
		defer cancel()
		return fn(ctx)
	}
	var none T
	if !s.begin() {
		return none, errors.New("the Store has been closed")
	}
	began := time.Now()
	defer func() { farwait.Spend(ctx, time.Since(began)) }()
	done := bounded.Go(func() (T, error) {
		defer s.behind.Done()
		long, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), s.cfg.Timeout, s.silent)
		defer cancel()
		return fn(long)
	})
	patience := time.NewTimer(limit)
	defer patience.Stop()
	select {
	case r := <-done:
		return r.Value, r.Err
	case <-patience.C:
		return none, errWaited
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}

// begin adds a write to those that Close waits for. It is false if the Store is closed.
func (s *Store) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.behind.Add(1)
	return true
}

// Close waits for the writes that go on after their calls have returned, Config.Timeout at
// most. It may be called more than once. The client stays open.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.behind.Wait()
	return nil
}
