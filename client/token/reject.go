package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/advoware-go/advoware/client/metric"
	"github.com/advoware-go/advoware/internal/budget"
	"github.com/advoware-go/advoware/internal/hook"
	"github.com/advoware-go/advoware/internal/tokenerr"
	"github.com/advoware-go/advoware/store"
)

// ErrRejectBudget is returned when too many tokens were rejected lately without the new
// ones being any better. The token stays.
var ErrRejectBudget = errors.New("token: rejected too often: new tokens did not help")

// errOlder means that a refused token was replaced by one that was refused too.
var errOlder = errors.New("token: an older one")

// rejects is what is remembered of refused tokens; guarded by tokens.mu.
type rejects struct {
	pending bool // the token rejected last has not been replaced yet
	open    bool // no run has brought another token since
	logged  bool // the token rejected last, and its hook called
	// untested: the refusal should have been put to the test.
	untested bool
	budget   budget.Lazy
}

// Reject tells the Source that the API refused exactly this token. It is removed
// from the store if it is still there: a late refusal of an old token never harms
// a newer one. After nil, ask for another token; the far store is looked into
// before one is fetched. After ErrRejectBudget or a *FetchError (no other token is to
// be had now) nothing was changed. After an error of the store the token may still be
// there, but this Source does not use it any more.
func (s *Source) Reject(ctx context.Context, tok store.Token) error { return s.reject(ctx, tok, false) }

// reject is Reject. untested means that the refusal should have been put to the test, see
// doubts, and could not be: its withdrawal from the budget is not refunded then.
func (s *Source) reject(ctx context.Context, tok store.Token, untested bool) error {
	if ctx == nil {
		return errNilContext
	}
	if s == nil || tok.IsZero() {
		return nil
	}
	what, err := s.drop(ctx, tok, untested)
	s.count.Rejected(what)
	return err
}

// drop removes a refused token, and says what it did.
func (s *Source) drop(ctx context.Context, tok store.Token, untested bool) (metric.Rejection, error) {
	there, err := s.cfg.Tiers.Near.Get(ctx, s.cfg.Key)
	switch {
	case err == nil && there.IsZero():
		return metric.StoreFailed, tokenerr.Read(ctx, tokenerr.ErrNoToken)
	case err == nil && !there.Equal(tok):
		return metric.Late, nil // replaced already
	case err != nil && !errors.Is(err, store.ErrNotFound) && !s.waitedOut(ctx):
		return metric.StoreFailed, tokenerr.Read(ctx, err)
	}
	first, err := s.markRejected(tok, err == nil, untested)
	switch {
	case errors.Is(err, errOlder):
		return metric.Late, nil
	case errors.Is(err, ErrRejectBudget):
		return metric.BudgetExhausted, err
	case err != nil && s.replacedByOthers(ctx, tok):
		return metric.Adopted, nil // the gateway is down for us, and another process has stored a token
	case err != nil:
		return metric.Kept, err
	}
	what := metric.Repeated
	from := s.cfg.Tiers.Near // of many refused calls, one deletes the token in the far store
	if first {
		what, from = metric.Dropped, s.cfg.Store
	}
	if err := from.CompareAndDelete(ctx, s.cfg.Key, tok); err != nil && ctx.Err() != nil {
		return metric.StoreFailed, tokenerr.Ended(ctx)
	} else if err != nil {
		return metric.StoreFailed, fmt.Errorf("token: rejecting: %w", err)
	}
	if s.tellsRejected(tok) {
		hook.Patiently(func() { s.cfg.Logger.InfoContext(ctx, "token rejected", "token", tok.Fingerprint()) })
		hook.Call(s.cfg.Hooks.Rejected, tok)
	}
	return what, nil
}

// doubts reports whether a 401 for tok is to be put to the test, see foundhook.Doubted.
// That is so when refusals have come in quick succession although each new token was
// accepted: either tokens are being revoked, or an endpoint refuses now and then
// whatever the token.
func (s *Source) doubts(ctx context.Context, tok store.Token) bool {
	if s == nil {
		return false
	}
	if there, err := s.cfg.Tiers.Near.Get(ctx, s.cfg.Key); err == nil && !there.Equal(tok) {
		return false // replaced already
	}
	t := s.account.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.isRejected(tok) && t.rejects.budget.Made().Doubts(time.Now())
}

// contradicted records that the API accepted a token that it had refused.
func (s *Source) contradicted() {
	if s == nil {
		return
	}
	t := s.account.tokens
	t.mu.Lock()
	first := t.rejects.budget.Made().Contradict(time.Now())
	t.mu.Unlock()
	if first {
		hook.Patiently(func() {
			s.cfg.Logger.Warn("the API accepts tokens that it has just refused: for a minute its refusals are put to the test")
		})
	}
}

// accepted records that the API accepted tok in a call whose earlier token it had refused.
func (s *Source) accepted(tok store.Token) {
	if s == nil {
		return
	}
	t := s.account.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rejects.budget.Made().Refund(tok)
}

// replacedByOthers reports whether another process has put a token into the store
// in place of tok. Near has it then.
func (s *Source) replacedByOthers(ctx context.Context, tok store.Token) bool {
	theirs, err := s.cfg.Tiers.Reread(ctx, s.cfg.Key)
	return err == nil && s.serves(want{instead: tok}, theirs)
}

// markRejected records that tok was refused, and reports whether this call is the first to
// do so. standing is whether the near store has tok. If it does not, tok may be in use all
// the same: the far store has it, or no store took it.
func (s *Source) markRejected(tok store.Token, standing, untested bool) (first bool, err error) {
	a, t := s.account, s.account.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.isRejected(tok) && (t.rejects.open || !standing):
		return false, nil
	case !standing && t.replaced(tok):
		return false, errOlder
	}
	now := time.Now()
	if !untested {
		t.rejects.budget.Made().Confirm(now, tok)
	}
	if t.rejects.budget.Made().Exhausted(now) {
		return false, ErrRejectBudget
	}
	if f := a.failure.last; f != nil && now.Before(f.NextAttempt) {
		return false, f // the token may still be good for others, and nothing better is to be had
	}
	if !t.isRejected(tok) {
		s.count.Rejects.Add(1)
		t.rejects.logged = false
	}
	t.rejected.Store(tok)
	t.rejects.budget.Made().Note(now)
	t.rejects.pending, t.rejects.open, t.rejects.untested = true, true, untested
	return true, nil
}

// replaced reports whether another token has come after tok: one that is in use, or one
// that was refused and is being replaced. The mutex is held.
func (t *tokens) replaced(tok store.Token) bool {
	return t.rejects.open || !t.inUse.Equal(tok) && !t.isRejected(t.inUse) && lasts(t.inUse, 0)
}

// tellsRejected reports whether this call logs the refusal of tok and calls the hook.
func (s *Source) tellsRejected(tok store.Token) bool {
	t := s.account.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	tells := t.isRejected(tok) && !t.rejects.logged
	t.rejects.logged = t.rejects.logged || tells
	return tells
}

// withdraw takes from the budget for a fetch that a rejection made necessary; for
// any other fetch it returns nil.
func (s *Source) withdraw() *budget.Withdrawal {
	t := s.account.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.rejects.pending {
		return nil
	}
	t.rejects.pending = false
	return t.rejects.budget.Made().Withdraw(time.Now(), t.rejects.untested)
}

// recordSuccess forgets failures, and that tok was rejected before the fetch, not since.
func (s *Source) recordSuccess(c *budget.Withdrawal, tok, before store.Token) {
	a, t := s.account, s.account.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	a.failure, a.history.Fetched = failure{}, time.Now()
	if before.Equal(tok) && t.rejected.Load().Equal(tok) {
		t.rejected.Store(store.Token{}) // the gateway issued it again: it counts as a new one
	}
	if c != nil {
		c.Brought(tok)
	}
}

func (s *Source) isRejected(tok store.Token) bool { return s.account.tokens.isRejected(tok) }

func (t *tokens) isRejected(tok store.Token) bool {
	last := t.rejected.Load()
	return !last.IsZero() && last.Equal(tok)
}
