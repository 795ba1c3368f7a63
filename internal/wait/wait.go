// Package wait waits, for a time or for others, no longer than a context lasts.
package wait

import (
	"context"
	"sync"
	"time"
)

// Rest pauses. Its error is the cause of ctx.
func Rest(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Until calls wait with a context that ends at that time. It returns an error of wait only
// if ctx has ended.
func Until(ctx context.Context, wait func(context.Context) error, until time.Time) error {
	bounded, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	if err := wait(bounded); err != nil && ctx.Err() != nil {
		return err
	}
	return nil
}

// Earlier returns the earlier one of two times.
func Earlier(t, u time.Time) time.Time {
	if u.Before(t) {
		return u
	}
	return t
}

// Slot is for one holder at a time. The zero value is free, and must not be copied.
type Slot struct {
	mu    sync.Mutex
	users int           // who hold it, or wait
	taken chan struct{} // full while it is; nil without users, for most have none for an hour
}

// Take waits until the slot is free, and takes it; at the time until it goes on without
// it. Release may be called more than once; the end of ctx releases too. The error is the
// cause of ctx, if that ends first.
func (s *Slot) Take(ctx context.Context, until time.Time) (release func(), waited bool, err error) {
	taken := s.enter()
	select {
	case taken <- struct{}{}:
	default:
		waited = true
		patience := time.NewTimer(time.Until(until))
		defer patience.Stop()
		select {
		case taken <- struct{}{}:
		case <-patience.C:
			s.leave()
			return func() {}, waited, nil
		case <-ctx.Done():
			s.leave()
			return nil, waited, context.Cause(ctx)
		}
	}
	done := sync.OnceFunc(func() { <-taken; s.leave() })
	stop := context.AfterFunc(ctx, done)
	return func() { stop(); done() }, waited, nil
}

func (s *Slot) enter() (taken chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users++; s.users == 1 {
		s.taken = make(chan struct{}, 1)
	}
	return s.taken
}

func (s *Slot) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users == 0 {
		s.taken = nil
	}
}
