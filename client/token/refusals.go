package token

import (
	"context"
	"errors"
	"time"
)

// Refusals lets processes that use the same credentials know when the gateway has
// refused them, so that not each of them tries for itself.
type Refusals interface {
	// Refused returns for how long nobody should ask for the token under key, 0 if
	// nothing is known against it.
	Refused(ctx context.Context, key string) (time.Duration, error)
	// Refuse says that nobody should, for so long.
	Refuse(ctx context.Context, key string, pause time.Duration) error
}

// ErrRefusedElsewhere is the cause in a FetchError when the gateway refused the same
// credentials when another process used them.
var ErrRefusedElsewhere = errors.New("token: another process was refused with the same credentials")

// sharedRefusal returns a failure, and remembers it, if another process has been
// refused. What cannot be told is taken for no refusal.
func (s *Source) sharedRefusal(ctx context.Context) error {
	if s.cfg.Refusals == nil {
		return nil
	}
	left, err := s.cfg.Refusals.Refused(ctx, s.cfg.Key)
	if err != nil || left <= 0 {
		return nil
	}
	e := &FetchError{Err: ErrRefusedElsewhere, Refused: true, NextAttempt: time.Now().Add(min(left, maxRetryAfter))}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure.last = e
	return e
}

// shareRefusal tells the other processes of a refusal.
func (s *Source) shareRefusal(ctx context.Context, pause time.Duration) {
	if s.cfg.Refusals == nil {
		return
	}
	if err := s.cfg.Refusals.Refuse(ctx, s.cfg.Key, pause); err != nil {
		s.cfg.Logger.DebugContext(ctx, "the refusal could not be shared", "error", err)
	}
}
