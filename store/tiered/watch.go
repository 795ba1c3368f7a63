package tiered

import (
	"context"
	"errors"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
)

// Watch tells when what far has under a key may have changed. changed is called until
// stop is; gap means that changes may have been missed before, so that a token that is
// absent need not have been deleted. store/redis has one.
type Watch interface {
	Follow(key string, changed func(gap bool)) (stop func())
	// Link numbers the connection over which changes are told at present: another one,
	// or 0 for none, means that some may have been missed in between.
	Link() uint64
}

// watched is a key that is being followed; guarded by Store.mu.
type watched struct {
	next    int // id of the next follower
	moved   map[int]func(store.Token)
	pushes  uint64 // how often it may have changed
	looking bool
	again   bool // it may have changed while somebody was looking
	gap     bool // for the look that is due
	later   bool // a look is due when the window is over

	repaired time.Time // when something unusable was last replaced
}

// Follow keeps near up to date with far for key, until stop is called: near takes the
// token that somebody else puts there, which moved is told, and drops one that
// somebody deletes. A token that far has lost (FLUSHALL, a restart) is written back, as
// is, once a window at most, one that something unusable took the place of; one that
// has come to its shared end serves on. moved is called on a goroutine of the
// store's. Without a Config.Watch nothing happens.
func (s *Store) Follow(key string, moved func(store.Token)) (stop func()) {
	if s.cfg.Watch == nil {
		return func() {}
	}
	s.mu.Lock()
	w := s.watched[key]
	if w == nil {
		w = &watched{moved: make(map[int]func(store.Token))}
		s.watched[key] = w
	}
	id := w.next
	w.next++
	w.moved[id] = moved
	s.mu.Unlock()

	end := s.cfg.Watch.Follow(key, func(gap bool) { s.changed(key, gap) })
	s.changed(key, true) // since it was followed last
	return func() {
		end()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(w.moved, id)
		if len(w.moved) == 0 && s.watched[key] == w {
			delete(s.watched, key)
		}
	}
}

// pushes returns how often key may have changed since it was followed; with lookAgain
// around a look that near follows.
func (s *Store) pushes(key string) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.watched[key]; w != nil {
		return w.pushes
	}
	return 0
}

// lookAgain looks once more if something changed while somebody looked who did not see
// it.
func (s *Store) lookAgain(key string, before uint64) {
	if s.pushes(key) != before {
		s.look(key, false)
	}
}

// changed takes note of a change.
func (s *Store) changed(key string, gap bool) {
	s.mu.Lock()
	if w := s.watched[key]; w != nil {
		w.pushes++
	}
	s.mu.Unlock()
	s.look(key, gap)
}

// look makes near follow far in the background, unless that is under way: then once
// more.
func (s *Store) look(key string, gap bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[key]
	if w == nil || s.closed {
		return
	}
	w.gap = w.gap || gap
	if w.looking {
		w.again = true
		return
	}
	w.looking = true
	bounded.Go(func() (struct{}, error) { s.lookUntilDone(key, w); return struct{}{}, nil })
}

func (s *Store) lookUntilDone(key string, w *watched) {
	done := false
	defer func() { // a store or a moved that panics must not end the following
		s.mu.Lock()
		defer s.mu.Unlock()
		if !done {
			w.looking = false
		}
	}()
	for {
		s.mu.Lock()
		gap := w.gap
		w.gap, w.again = false, false
		s.mu.Unlock()

		err := s.catchUp(key, gap)

		s.mu.Lock()
		if err != nil { // nobody knows what happens meanwhile
			w.gap = true
			s.lookLater(key)
		}
		if err != nil || !w.again {
			w.looking, done = false, true
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

// lookLater looks again when the breaker lets somebody through. The mutex is held.
func (s *Store) lookLater(key string) {
	w := s.watched[key]
	if s.closed || w == nil || w.later {
		return
	}
	w.later = true
	time.AfterFunc(s.cfg.Window+time.Millisecond, func() {
		s.mu.Lock()
		w.later = false
		s.mu.Unlock()
		s.look(key, true)
	})
}

// mayRepair reports whether something unusable in far is to be replaced now. Somebody
// who cannot read ours either would do the same at once, for ever.
func (s *Store) mayRepair(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[key]
	if w == nil {
		return false
	}
	if time.Since(w.repaired) < s.cfg.Window {
		s.lookLater(key)
		return false
	}
	w.repaired = time.Now()
	return true
}

// catchUp makes near hold what far has. An error means that far could not be asked.
func (s *Store) catchUp(key string, gap bool) error {
	ctx := context.Background()
	near, err := s.cfg.Near.Get(ctx, key)
	if err != nil {
		return nil // nothing that could be out of date; who misses asks far
	}
	if s.debt(key) != nil {
		return nil // far is out of date, and will be told
	}
	link := s.cfg.Watch.Link()
	op := s.read(ctx, key, func(ctx context.Context) (store.Token, error) { return s.cfg.Far.Get(ctx, key) })
	<-op.done
	gap = gap || s.cfg.Watch.Link() != link // a patient client may have asked before a restart, and again after it
	switch tok, err := op.tok, op.err; {
	case err == nil:
		s.takeOver(key, near, tok)
	case errors.Is(err, store.ErrIdentity):
		// Somebody's mistake; near's token is none the worse for it.
	case errors.Is(err, store.ErrNotFound) && s.hasEnded(near):
		// Its shared end: near's serves on until its expiry.
	case errors.Is(err, store.ErrUnusable) && !s.mayRepair(key):
		// Done a moment ago.
	case errors.Is(err, store.ErrUnusable), errors.Is(err, store.ErrNotFound) && gap:
		s.writeBack(key, near)
	case errors.Is(err, store.ErrNotFound):
		return s.cfg.Near.CompareAndDelete(ctx, key, near)
	default:
		return err
	}
	return nil
}

// takeOver makes near hold far's token in place of its own.
func (s *Store) takeOver(key string, near, tok store.Token) {
	if tok.Equal(near) || isIn(s.gone(key), tok) {
		return
	}
	held, err := s.follow(context.Background(), key, near, tok)
	if err != nil || !held.Equal(tok) {
		return
	}
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

// hasEnded reports whether far has a reason of its own not to have tok: it was, or is
// about to be, at its shared end, when stores do not take it any more.
func (s *Store) hasEnded(tok store.Token) bool {
	return store.Remaining(time.Now(), tok.Expiry()) <= s.cfg.Margin+s.cfg.Guard+clockError
}

// clockError is by how much two ideas of a token's end may differ.
const clockError = 2 * time.Second

// writeBack stores near's token in far, which has lost it, unless somebody else was
// faster.
func (s *Store) writeBack(key string, tok store.Token) {
	before := s.debt(key)
	d := debt{olds: append(s.gone(key), store.Token{}), tok: tok}
	op := s.write(context.Background(), key, func(ctx context.Context) (store.Token, error) {
		if isIn(s.gone(key), tok) { // rejected since it was looked at
			return store.Token{}, store.ErrNotFound
		}
		return s.payInstead(ctx, key, d, before)
	})
	<-op.done
	switch {
	case failure(op.err) != nil:
		s.owe(key, d, op)
	case op.err == nil:
		s.takeOver(key, tok, op.tok)
	}
}
