package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/store"
)

// An endpoint that answers 401 to everything must not be able to keep the whole
// process busy with token requests: a fetch on account of a 401 takes one of
// rejectBudget charges for rejectWindow. It is given back when a call that was
// refused with the old token succeeds with the new one: then the old one really
// was dead.
const (
	rejectBudget = 3
	rejectWindow = time.Minute
)

// ErrRejectBudget says that too many tokens were rejected lately without the new
// ones being any better. The token stays.
var ErrRejectBudget = errors.New("token: rejected too often: new tokens did not help")

// errOlder says that a refused token was replaced by one that was refused too.
var errOlder = errors.New("token: an older one")

// rejects is what is remembered of refused tokens; guarded by Source.mu.
type rejects struct {
	pending bool // the token rejected last has not been replaced yet
	open    bool // no flight has brought another token since
	charges []*charge
}

type charge struct {
	at  time.Time
	tok store.Token // what took the old one's place
}

// Reject tells the Source that the API refused exactly this token. It is removed
// from the store if it is still there: a late refusal of an old token never harms
// a newer one. After nil, ask for another token; the far store is looked into
// before one is fetched. After ErrRejectBudget or a *FetchError (no other token is to
// be had now) nothing was changed. After an error of the store the token may still be
// there, but this Source does not believe it any more.
func (s *Source) Reject(ctx context.Context, tok store.Token) error {
	if tok.IsZero() {
		return nil
	}
	there, err := s.near.Get(ctx, s.key)
	if err == nil && !there.Equal(tok) {
		return nil // replaced already
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return readError(err)
	}
	if err := s.markRejected(tok, err == nil); err != nil {
		if errors.Is(err, errOlder) {
			return nil
		}
		if !errors.Is(err, ErrRejectBudget) && s.replacedByOthers(ctx, tok) {
			return nil // the gateway is down for us, and somebody else was luckier
		}
		return err
	}
	if err := s.cfg.Store.CompareAndDelete(ctx, s.cfg.Key, tok); err != nil {
		return fmt.Errorf("token: rejecting: %w", err)
	}
	s.cfg.Logger.InfoContext(ctx, "token rejected", "token", tok.Fingerprint())
	s.cfg.Hooks.rejected(tok)
	return nil
}

// replacedByOthers reports whether another process has put a token into the store
// in place of tok. Near has it then.
func (s *Source) replacedByOthers(ctx context.Context, tok store.Token) bool {
	theirs, err := s.cfg.Reread(ctx, s.cfg.Key)
	return err == nil && s.serves(demand{instead: tok}, theirs)
}

func (s *Source) markRejected(tok store.Token, standing bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if standing {
		if s.rejects.spent(now) {
			return ErrRejectBudget
		}
		if f := s.failure.last; f != nil && now.Before(f.NextAttempt) {
			return f // the token may still be good for others, and nothing better is to be had
		}
	}
	if !s.rejected.Load().Equal(tok) {
		if !standing && s.rejects.open {
			return errOlder
		}
		s.rejected.Store(tok)
		s.rejects.pending, s.rejects.open = true, true
		s.counters.rejects++
	}
	return nil
}

// Accepted tells the Source that the API took tok from a call whose earlier token
// it had refused.
func (s *Source) Accepted(tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range s.rejects.charges {
		if c.tok.Equal(tok) {
			s.rejects.charges = append(s.rejects.charges[:i], s.rejects.charges[i+1:]...)
			return
		}
	}
}

// spent forgets charges that have run out and reports whether the rest is all.
func (r *rejects) spent(now time.Time) bool {
	for len(r.charges) > 0 && now.Sub(r.charges[0].at) >= rejectWindow {
		r.charges = r.charges[1:]
	}
	return len(r.charges) >= rejectBudget
}

// chargeReject takes a charge for a fetch that a rejection made necessary; for
// any other fetch it returns nil.
func (s *Source) chargeReject() *charge {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.rejects.pending {
		return nil
	}
	c := &charge{at: time.Now()}
	s.rejects.pending = false
	s.rejects.charges = append(s.rejects.charges, c)
	return c
}

// recordSuccess forgets failures and notes what a charge was spent for.
func (s *Source) recordSuccess(c *charge, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = failure{}
	if s.rejected.Load().Equal(tok) {
		s.rejected.Store(store.Token{}) // the gateway stands by it: it counts as a new one
	}
	if c != nil {
		c.tok = tok
	}
}

func (s *Source) isRejected(tok store.Token) bool {
	last := s.rejected.Load()
	return !last.IsZero() && last.Equal(tok)
}
