package tiered

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/crew"
	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/far"
)

// pendingWrite is a write that far does not have yet: it replaces any of olds by tok, or, with
// a zero tok, deletes all of them.
type pendingWrite struct {
	olds []store.Token
	tok  store.Token

	back bool // tok may have been in far before, so that it may have been deleted there

	// Guarded by Store.mu.
	refused bool      // far has refused it
	due     time.Time // not tried again before that
}

// forbiddenPause is how long it is until a write that is not allowed is tried again.
const forbiddenPause = time.Minute

// ended reports whether the write has no effect, because its tokens have expired.
func (d pendingWrite) ended(now time.Time) bool {
	if !d.tok.IsZero() {
		return !d.tok.ValidAt(now)
	}
	return !slices.ContainsFunc(d.olds, func(tok store.Token) bool { return tok.ValidAt(now) })
}

// flush makes the write. It returns the token that is in far then.
func (s *Store) flush(ctx context.Context, key string, d pendingWrite) (store.Token, error) {
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
	// The last of olds is what far has if it has taken every write so far.
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

// flushInstead is flush for a write that replaces another pending one, which is dropped
// before the next write of the key begins.
func (s *Store) flushInstead(ctx context.Context, key string, d pendingWrite, before *pendingWrite) (store.Token, error) {
	standing, err := s.flush(ctx, key, d)
	if health.Failure(err) == nil {
		s.dropPending(key, before)
	}
	return standing, err
}

// keepPending keeps a write that op has not made so far. op may still be under way, and
// succeed.
func (s *Store) keepPending(key string, d pendingWrite, op *far.Operation) {
	d.back = true // from now on: this attempt may have reached far
	s.addPending(key, &d)
	// Bounded for its recover; it ends with the operation, which is bounded too.
	bounded.Run(func() {
		standing, err := op.Result()
		s.flushed(key, &d, standing, err)
	})
}

func (s *Store) addPending(key string, d *pendingWrite) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending[key] = d
	s.schedule()
}

// hasPending reports whether far is out of date until a pending write is flushed. A write
// that far refuses does not count: then what far has is followed.
func (s *Store) hasPending(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.pending[key]
	return d != nil && !d.refused
}

// isRefused reports whether far refuses the pending write for key.
func (s *Store) isRefused(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.pending[key]
	return d != nil && d.refused
}

// pendingFor returns the pending write for key, nil if there is none.
func (s *Store) pendingFor(key string) *pendingWrite {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending[key]
}

// pendingToken returns the pending write for key if it stores tok, nil otherwise.
func (s *Store) pendingToken(key string, tok store.Token) *pendingWrite {
	if d := s.pendingFor(key); d != nil && !tok.IsZero() && d.tok.Equal(tok) {
		return d
	}
	return nil
}

// dropPending drops a write, if it is still the pending one for key, because far has a newer
// one.
func (s *Store) dropPending(key string, d *pendingWrite) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[key] == d {
		delete(s.pending, key)
	}
}

// pendingDelete returns the write that deletes old. It includes the one that is pending,
// unless that one stores old.
func (s *Store) pendingDelete(key string, old store.Token) pendingWrite {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, now := pendingWrite{}, time.Now()
	if before := s.pending[key]; before != nil {
		d.back = before.back
		d.olds = slices.DeleteFunc(slices.Clone(before.olds), func(tok store.Token) bool { return !tok.ValidAt(now) })
		if !before.tok.Equal(old) {
			d.tok = before.tok
		}
	}
	if !isIn(d.olds, old) {
		d.olds = append(d.olds, old)
	}
	return d
}

// flushed records how an attempt to flush a pending write ended. Far was not followed while
// the write was pending, so it is read now.
func (s *Store) flushed(key string, d *pendingWrite, standing store.Token, err error) {
	if health.Failure(err) != nil {
		s.postpone(key, d, err)
		return
	}
	s.mu.Lock()
	if s.pending[key] == d {
		delete(s.pending, key)
	}
	s.mu.Unlock()
	switch {
	case errors.Is(err, store.ErrDeleted):
		s.dropDeleted(key, d.tok)
	case err == nil && !d.tok.IsZero() && !standing.Equal(d.tok):
		// Another process was faster: its token is the one that the fleet uses.
		s.takeOver(key, d.tok, standing)
	}
	s.look(key, gap)
}

// postpone records that far has refused a write.
func (s *Store) postpone(key string, d *pendingWrite, err error) {
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

// dropDeleted removes a token from near that was deleted in far.
func (s *Store) dropDeleted(key string, tok store.Token) {
	if !s.believesDeletion(key, tok) {
		return
	}
	s.setDeleted(key, tok)
	_ = s.cfg.Near.CompareAndDelete(context.Background(), key, tok)
}

// schedule sets the timer of the next flush. The mutex is held.
func (s *Store) schedule() {
	// Just after the breaker's timeout; sooner if far is not down: the key is not followed until then.
	pause := s.cfg.BreakerTimeout + time.Millisecond
	if !s.far.Condition().Down {
		pause = s.busyPause()
	}
	if s.cfg.Lazy {
		s.flushFrom = time.Now().Add(pause)
		return
	}
	if s.flushing == nil && len(s.pending) > 0 && !s.closed {
		s.flushing = time.AfterFunc(pause, func() {
			<-bounded.Run(s.flushAll)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.flushing = nil
			s.schedule()
		})
	}
}

// flushAll flushes the pending writes, and stops at the first outage.
func (s *Store) flushAll() {
	now := time.Now()
	s.mu.Lock()
	open := maps.Clone(s.pending)
	maps.DeleteFunc(open, func(_ string, d *pendingWrite) bool { return now.Before(d.due) && !d.ended(now) })
	s.mu.Unlock()
	var many []restoring
	var alone []string
	for key, d := range open {
		switch {
		case d.ended(now):
			s.flushed(key, d, store.Token{}, store.ErrUnusable) // without effect by now
		case s.cfg.Many != nil && !d.tok.IsZero() && !s.far.Writing(key):
			many = append(many, restoring{key: key, d: d, pending: true})
		default:
			alone = append(alone, key)
		}
	}
	// The first ones go alone: after an outage the breaker lets one operation find out whether far
	// works again. It is no use to go on if all fail; some may be on a server of their own.
	crew.Share(workers, s.size.Now, many, func(some []restoring) (up bool) {
		for i, r := range s.restoreAll(some) {
			s.flushed(some[i].key, some[i].d, r.Token, r.Err)
			up = up || health.Outage(r.Err) == nil
		}
		return up
	})
	for _, key := range alone {
		d := open[key]
		op := s.far.WriteBehind([]string{key}, func(ctx context.Context) (store.Token, error) {
			if s.pendingFor(key) != d { // a newer write has been made meanwhile
				return store.Token{}, far.ErrNotAsked
			}
			return s.flush(ctx, key, *d)
		})
		standing, err := op.Result()
		s.flushed(key, d, standing, err)
		if health.Outage(err) != nil {
			return
		}
	}
}
