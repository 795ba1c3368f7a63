package tiered

import (
	"context"
	"errors"
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

	back bool // tok may have been in far before, so that it may have been deleted there

	// Guarded by Store.mu.
	refused bool      // far has answered that it does not write
	due     time.Time // when it is asked again
}

// forbiddenPause is how long far is left alone with what it will not do.
const forbiddenPause = time.Minute

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
	write := s.cfg.Far.CompareAndSwap
	if d.back && s.cfg.Shared != nil {
		write = s.cfg.Shared.Restore
	}
	// The last of olds is what far has if it has been told of everything so far.
	guess := d.olds[len(d.olds)-1]
	for range len(d.olds) {
		standing, err := write(ctx, key, guess, d.tok)
		if err != nil || standing.Equal(d.tok) || !isIn(d.olds, standing) {
			return standing, err
		}
		guess = standing
	}
	return write(ctx, key, guess, d.tok)
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
	d.back = true // from now on: this attempt may have reached far
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

// owes reports whether far is out of date and will be told soon. What it refuses to be
// told is no reason not to listen to it.
func (s *Store) owes(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.debts[key]
	return d != nil && !d.refused
}

// isRefused reports whether far refuses to be told of what is owed for key.
func (s *Store) isRefused(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.debts[key]
	return d != nil && d.refused
}

// debt returns what is owed for key, nil if nothing is.
func (s *Store) debt(key string) *debt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.debts[key]
}

// debtOf returns what is owed for key if that is tok, nil otherwise.
func (s *Store) debtOf(key string, tok store.Token) *debt {
	if d := s.debt(key); d != nil && !tok.IsZero() && d.tok.Equal(tok) {
		return d
	}
	return nil
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
	s.mu.Lock()
	defer s.mu.Unlock()
	d, now := debt{}, time.Now()
	if owed := s.debts[key]; owed != nil {
		d.back = owed.back
		d.olds = slices.DeleteFunc(slices.Clone(owed.olds), func(tok store.Token) bool { return !tok.ValidAt(now) })
		if !owed.tok.Equal(old) {
			d.tok = owed.tok
		}
	}
	if !isIn(d.olds, old) {
		d.olds = append(d.olds, old)
	}
	return d
}

// settled takes note of how an attempt to pay a debt ended. Who follows the key has not
// looked at far while it was owed something, and does so now.
func (s *Store) settled(key string, d *debt, standing store.Token, err error) {
	if failure(err) != nil {
		s.postpone(key, d, err)
		return
	}
	s.mu.Lock()
	if s.debts[key] == d {
		delete(s.debts, key)
	}
	s.mu.Unlock()
	switch {
	case errors.Is(err, store.ErrDeleted):
		s.drop(key, d.tok)
	case err == nil && !d.tok.IsZero() && !standing.Equal(d.tok):
		// Another process was faster: its token is the one that the fleet uses.
		s.takeOver(key, d.tok, standing)
	}
	s.look(key, gap)
}

// postpone takes note that far would not be told.
func (s *Store) postpone(key string, d *debt, err error) {
	if !errors.Is(err, store.ErrRefused) {
		return
	}
	s.mu.Lock()
	d.refused = true
	if errors.Is(err, store.ErrForbidden) {
		d.due = time.Now().Add(forbiddenPause)
	}
	s.mu.Unlock()
	s.look(key, gap)
}

// drop forgets a token that was deleted in far.
func (s *Store) drop(key string, tok store.Token) {
	if !s.believesDeletion(key, tok) {
		return
	}
	s.setDeleted(key, tok)
	_ = s.cfg.Near.CompareAndDelete(context.Background(), key, tok)
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
		s.mu.Lock()
		early := time.Now().Before(d.due)
		s.mu.Unlock()
		if early && !d.ended(time.Now()) {
			continue
		}
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
		s.settled(key, d, op.tok, op.err)
		if outage(op.err) != nil {
			return
		}
	}
}
