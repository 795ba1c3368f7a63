package tiered

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
)

// debt is what far has not been told yet: that tok takes the place of whichever of
// olds it still has, or, with a zero tok, that none of them is there any more.
type debt struct {
	olds []store.Token
	tok  store.Token
}

// ended reports whether nobody wants it paid any more.
func (d debt) ended(now time.Time) bool {
	if !d.tok.IsZero() {
		return !d.tok.ValidAt(now)
	}
	return !slices.ContainsFunc(d.olds, func(tok store.Token) bool { return tok.ValidAt(now) })
}

// pay tells far. It returns the token that stands there.
func (s *Store) pay(ctx context.Context, key string, d debt) (store.Token, error) {
	if d.tok.IsZero() {
		for _, old := range d.olds {
			if err := s.cfg.Far.CompareAndDelete(ctx, key, old); err != nil {
				return store.Token{}, err
			}
		}
		return store.Token{}, nil
	}
	// The last of olds is what far has if it has been told of everything so far.
	guess := d.olds[len(d.olds)-1]
	for range len(d.olds) {
		standing, err := s.cfg.Far.CompareAndSwap(ctx, key, guess, d.tok)
		if err != nil || standing.Equal(d.tok) || !isIn(d.olds, standing) {
			return standing, err
		}
		guess = standing
	}
	return s.cfg.Far.CompareAndSwap(ctx, key, guess, d.tok)
}

// payInstead is pay for a debt that takes the place of another: once far has been
// told, and before anybody else can tell it anything, the other is forgotten.
func (s *Store) payInstead(ctx context.Context, key string, d debt, before *debt) (store.Token, error) {
	standing, err := s.pay(ctx, key, d)
	if failure(err) == nil {
		s.forgive(key, before)
	}
	return standing, err
}

// owe remembers a debt. The operation that failed to pay it may still be under way
// and come to an end after all.
func (s *Store) owe(key string, d debt, op *operation) {
	s.mu.Lock()
	s.debts[key] = &d
	s.schedule()
	s.mu.Unlock()
	// Bounded for its recover; it ends with the operation, which is bounded too.
	bounded.Go(func() (struct{}, error) {
		<-op.done
		s.settled(key, &d, op.tok, op.err)
		return struct{}{}, nil
	})
}

// debt returns what is owed for key, nil if nothing is.
func (s *Store) debt(key string) *debt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.debts[key]
}

// forgive forgets a debt, if it is still the one for key: far has been told of
// something newer.
func (s *Store) forgive(key string, d *debt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d != nil && s.debts[key] == d {
		delete(s.debts, key)
	}
}

// debtOfDelete is what far has to be told when old is deleted: that it is gone, and
// still what it was owed before, unless that was old.
func (s *Store) debtOfDelete(key string, old store.Token) debt {
	d := debt{olds: s.gone(key)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if owed := s.debts[key]; owed != nil && !owed.tok.Equal(old) {
		d.tok = owed.tok
	}
	return d
}

// settled takes note of how an attempt to pay a debt ended. Who follows the key has not
// looked at far while it was owed something, and does so now.
func (s *Store) settled(key string, d *debt, standing store.Token, err error) {
	if failure(err) != nil {
		return
	}
	s.mu.Lock()
	if s.debts[key] == d {
		delete(s.debts, key)
	}
	s.mu.Unlock()
	if err == nil && !d.tok.IsZero() && !standing.Equal(d.tok) {
		// Another process was faster: its token is the one that the fleet uses.
		s.takeOver(key, d.tok, standing)
	}
	s.look(key, true)
}

// schedule sets the timer that pays debts. The mutex is held.
func (s *Store) schedule() {
	if s.settling == nil && len(s.debts) > 0 && !s.closed {
		// A little after the breaker's window, when it lets somebody through again.
		s.settling = time.AfterFunc(s.cfg.Window+time.Millisecond, func() {
			<-bounded.Go(func() (struct{}, error) { s.settle(); return struct{}{}, nil })
			s.mu.Lock()
			defer s.mu.Unlock()
			s.settling = nil
			s.schedule()
		})
	}
}

// settle tries to pay all debts, and gives up at the first that far does not take.
func (s *Store) settle() {
	s.mu.Lock()
	open := maps.Clone(s.debts)
	s.mu.Unlock()
	for key, d := range open {
		if d.ended(time.Now()) {
			s.settled(key, d, store.Token{}, store.ErrUnusable) // nobody wants it any more
			continue
		}
		op := s.write(context.Background(), key, func(ctx context.Context) (store.Token, error) {
			if s.debt(key) != d { // far has been told of something newer meanwhile
				return store.Token{}, store.ErrNotFound
			}
			return s.pay(ctx, key, *d)
		})
		<-op.done
		if failure(op.err) != nil {
			return
		}
		s.settled(key, d, op.tok, op.err)
	}
}

// gone returns the tokens that far may still have under key although they count as
// gone: replaced while it could not be told, or deleted here.
func (s *Store) gone(key string) []store.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []store.Token
	if d := s.debts[key]; d != nil {
		now := time.Now() // a token that has ended is gone everywhere
		gone = slices.DeleteFunc(slices.Clone(d.olds), func(tok store.Token) bool { return !tok.ValidAt(now) })
	}
	if tok, ok := s.deleted[key]; ok && !isIn(gone, tok) {
		gone = append(gone, tok)
	}
	return gone
}

func isIn(toks []store.Token, tok store.Token) bool {
	return !tok.IsZero() && slices.ContainsFunc(toks, tok.Equal)
}

// setDeleted remembers that a token was removed: far, or another process that
// writes its copy back, may still come up with it. One for each key is enough,
// and it is forgotten when it would have ended anyway.
func (s *Store) setDeleted(key string, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(s.deleted, func(_ string, t store.Token) bool { return !t.ValidAt(now) })
	s.deleted[key] = tok
}

// undelete forgets that tok was removed: somebody stores it on purpose.
func (s *Store) undelete(key string, tok store.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deleted[key].Equal(tok) {
		delete(s.deleted, key)
	}
}
