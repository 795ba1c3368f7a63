package tiered

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/health"
	"github.com/advoware-go/advoware/store"
)

// mayRepair reports whether near's token may be written to far in place of a token or of a
// loss there, and counts it. Within one timeout of the breaker that is allowed most times.
// Without a limit, two processes that disagree, or a server that evicts each write, would make an
// endless loop.
func (s *Store) mayRepair(key string, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[key]
	if w == nil {
		return false
	}
	if now := time.Now(); now.Sub(w.repaired) >= s.cfg.BreakerTimeout {
		w.repaired, w.repairs = now, 0
	}
	if w.repairs >= most {
		s.lookLater(key)
		return false
	}
	w.repairs++
	return true
}

// reconcile makes near hold the token of far. An error means that far could not be read.
func (s *Store) reconcile(key string, w *watched, because why) error {
	ctx := context.Background()
	near, err := s.cfg.Near.Get(ctx, key)
	if err != nil {
		return nil // nothing to bring up to date: the next miss reads far
	}
	if s.hasPending(key) {
		return nil // far is out of date until that is flushed
	}
	link, before := s.cfg.Watch.Link(), s.pushes(key)
	op := s.far.Read(ctx, key, func(ctx context.Context) (store.Token, error) { return s.lookIntoFar(ctx, key, w, near) })
	tok, err := op.Result()
	if s.cfg.Watch.Link() != link { // the client may have tried before a restart, and again after it
		because |= gap
	}
	switch {
	case err == nil:
		s.takeOver(key, near, tok)
	case errors.Is(err, store.ErrIdentity):
		// The key is used by another identity, by mistake. Near's token stays valid.
	case !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrUnusable):
		return err
	case errors.Is(err, store.ErrDeleted):
		return s.deletedInFar(key, near)
	case !errors.Is(err, store.ErrUnusable) && s.hasEnded(near):
		// Its TTL has ended: near's token serves until its expiry.
	case s.isRefused(key):
		// Far has never had it.
	case !errors.Is(err, store.ErrUnusable) && s.isPostponed(key, near):
		return s.deletedInFar(key, near)
	case errors.Is(err, store.ErrUnusable), errors.Is(err, store.ErrLost):
		if s.mayRepair(key, 1) {
			s.writeBack(key, near)
		}
	case because&gap != 0:
		s.writeBack(key, near)
	case because&pushed != 0:
		return s.deletedInFar(key, near)
	default:
		// The push of a deletion may be on its way.
		time.AfterFunc(doubt, func() {
			if s.pushes(key) == before {
				s.look(key, gap)
			}
		})
	}
	return nil
}

// lookIntoFar reads far for a process that has near's token.
func (s *Store) lookIntoFar(ctx context.Context, key string, w *watched, near store.Token) (store.Token, error) {
	if s.cfg.Shared == nil {
		return s.cfg.Far.Get(ctx, key)
	}
	s.mu.Lock()
	before := w.losses
	s.mu.Unlock()
	tok, now, err := s.cfg.Shared.Look(ctx, key, near, before)
	if err == nil {
		s.mu.Lock()
		w.losses = now
		s.mu.Unlock()
	}
	return tok, err
}

// takeOver replaces near's token by far's, or far's by near's if near's is newer.
func (s *Store) takeOver(key string, near, tok store.Token) {
	if tok.Equal(near) {
		return
	}
	if s.isSuperseded(key, near, tok) {
		if s.isRefused(key) || !s.mayRepair(key, maxReturns) {
			return
		}
		if !s.insists(key, tok) {
			s.writeBack(key, near)
			return
		}
		s.setPresent(key, tok)
	}
	if !s.mayTake(key, near, tok) {
		return
	}
	held, err := s.adopt(context.Background(), key, near, tok)
	if err != nil || !held.Equal(tok) {
		return
	}
	s.noteTaken(key, tok)
	s.mu.Lock()
	var moved []func(store.Token)
	if w := s.watched[key]; w != nil {
		for _, f := range w.moved {
			moved = append(moved, f)
		}
	}
	s.mu.Unlock()
	for _, f := range moved {
		if f != nil {
			f(tok)
		}
	}
}

// hasEnded reports whether tok is absent from far because its TTL has ended, or is so close
// to its end that stores do not take it.
func (s *Store) hasEnded(tok store.Token) bool {
	return store.Remaining(time.Now(), tok.Expiry()) <= s.cfg.Margins.Margin+s.cfg.Margins.Guard+clockError
}

// clockError is by how much two computations of a token's end may differ.
const clockError = 2 * time.Second

// writeBack stores near's token in far, which has lost it, unless another process has stored
// one.
func (s *Store) writeBack(key string, tok store.Token) {
	before := s.pendingFor(key)
	d := pendingWrite{olds: append(s.tombstones(key), store.Token{}), tok: tok, back: true}
	op := s.far.Write(context.Background(), key, func(ctx context.Context) (store.Token, error) {
		if isIn(s.tombstones(key), tok) { // rejected meanwhile
			return store.Token{}, store.ErrNotFound
		}
		return s.flushInstead(ctx, key, d, before)
	})
	standing, err := op.Result()
	switch {
	case errors.Is(err, store.ErrDeleted):
		s.dropDeleted(key, tok)
	case health.Failure(err) != nil:
		s.keepPending(key, d, op)
	case err == nil:
		s.takeOver(key, tok, standing)
	}
}
