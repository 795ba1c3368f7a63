package tiered

import (
	"context"
	"errors"
	"math/rand/v2"
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
	due     why  // why there is to be a look, 0 if there is none to be
	later   bool // a look is due when the window is over
	soon    bool // a look is due when there have been too many
	budget  budget
	minute  *time.Timer  // the next look for no reason
	losses  store.Losses // of far, when the token was last seen there

	repairs  int       // how often near's token was put in place of something since
	repaired time.Time // then
}

// why is why there is a look at far: what it means that nothing is there depends on it.
type why uint8

const (
	pushed why = 1 << iota // far has told of a change
	gap                    // changes may have been missed
	anyhow                 // nothing is known to have happened
)

// of is the cause of which the Watch tells.
func of(missed bool) why {
	if missed {
		return gap
	}
	return pushed
}

const (
	// firstLook and nextLook are how long after it is followed a key is looked at for no
	// reason: some changes no push tells of.
	firstLook = time.Second
	nextLook  = 55 * time.Second

	// doubt is how long somebody waits for the push of a deletion before what is not there
	// counts as lost.
	doubt = 500 * time.Millisecond

	// Of many changes in a row only the last one counts.
	lookBurst = 8
	lookEvery = 25 * time.Millisecond
)

// budget bounds how often something is done: in bursts of lookBurst, and every lookEvery
// after that.
type budget struct {
	spent time.Duration
	at    time.Time
}

// take returns how long to wait before the next time, 0 if it may be now.
func (b *budget) take(now time.Time) time.Duration {
	b.spent = max(0, b.spent-now.Sub(b.at))
	b.at = now
	if wait := b.spent - (lookBurst-1)*lookEvery; wait > 0 {
		return wait
	}
	b.spent += lookEvery
	return 0
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
		w = &watched{moved: make(map[int]func(store.Token)), losses: store.UnknownLosses}
		s.watched[key] = w
		w.minute = time.AfterFunc(firstLook, func() { s.lookAnyhow(key, w) })
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
			w.minute.Stop()
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
		s.look(key, pushed)
	}
}

// changed takes note of a change.
func (s *Store) changed(key string, missed bool) {
	s.mu.Lock()
	if w := s.watched[key]; w != nil {
		w.pushes++
	}
	s.mu.Unlock()
	s.look(key, of(missed))
}

// look makes near follow far in the background, unless that is under way: then once
// more. A key that changes all the time is looked at once in a while.
func (s *Store) look(key string, because why) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[key]
	if w == nil || s.closed {
		return
	}
	w.due |= because
	if !w.looking && s.mayLook(key, w) {
		w.looking = true
		bounded.Go(func() (struct{}, error) { s.lookUntilDone(key, w); return struct{}{}, nil })
	}
}

// mayLook reports whether a look may be now, and sees to it that there is one later if
// not. The mutex is held.
func (s *Store) mayLook(key string, w *watched) bool {
	if w.soon {
		return false
	}
	wait := w.budget.take(time.Now())
	if wait <= 0 {
		return true
	}
	w.soon = true
	time.AfterFunc(wait, func() {
		s.mu.Lock()
		w.soon = false
		s.mu.Unlock()
		s.look(key, 0)
	})
	return false
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
		because := w.due
		w.due = 0
		s.mu.Unlock()

		err := s.catchUp(key, w, because)

		s.mu.Lock()
		if err != nil { // nobody knows what happens meanwhile
			s.lookLater(key)
		}
		if err != nil || w.due == 0 || !s.mayLook(key, w) {
			w.looking, done = false, true
			if err != nil {
				w.due |= gap
			}
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
		s.look(key, gap)
	})
}

// lookAnyhow looks once in a while as long as key is followed: a swapped database and a
// write that the server does not track are told by no push.
func (s *Store) lookAnyhow(key string, w *watched) {
	s.mu.Lock()
	on := s.watched[key] == w && !s.closed
	if on {
		w.minute.Reset(nextLook - rand.N(nextLook/8))
	}
	s.mu.Unlock()
	if on {
		s.look(key, anyhow)
	}
}

// mayRepair reports whether near's token is to take the place of what is in far, or of
// what far has dropped: most times in a window. Somebody who has another idea of it, and a
// server that has no room for it, would go on like that for ever.
func (s *Store) mayRepair(key string, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.watched[key]
	if w == nil {
		return false
	}
	if now := time.Now(); now.Sub(w.repaired) >= s.cfg.Window {
		w.repaired, w.repairs = now, 0
	}
	if w.repairs >= most {
		s.lookLater(key)
		return false
	}
	w.repairs++
	return true
}

// catchUp makes near hold what far has. An error means that far could not be asked.
func (s *Store) catchUp(key string, w *watched, because why) error {
	ctx := context.Background()
	near, err := s.cfg.Near.Get(ctx, key)
	if err != nil {
		return nil // nothing that could be out of date; who misses asks far
	}
	if s.owes(key) {
		return nil // far is out of date, and will be told
	}
	link, before := s.cfg.Watch.Link(), s.pushes(key)
	op := s.read(ctx, key, func(ctx context.Context) (store.Token, error) { return s.sight(ctx, key, w, near) })
	<-op.done
	if s.cfg.Watch.Link() != link { // a patient client may have asked before a restart, and again after it
		because |= gap
	}
	switch tok, err := op.tok, op.err; {
	case err == nil:
		s.takeOver(key, near, tok)
	case errors.Is(err, store.ErrIdentity):
		// Somebody's mistake; near's token is none the worse for it.
	case !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrUnusable):
		return err
	case errors.Is(err, store.ErrDeleted):
		return s.CompareAndDelete(ctx, key, near) // and see to it that nobody puts it back
	case !errors.Is(err, store.ErrUnusable) && s.hasEnded(near):
		// Its shared end: near's serves on until its expiry.
	case s.isRefused(key):
		// Far has never had it.
	case errors.Is(err, store.ErrUnusable), errors.Is(err, store.ErrLost):
		if s.mayRepair(key, 1) {
			s.writeBack(key, near)
		}
	case because&gap != 0:
		s.writeBack(key, near)
	case because&pushed != 0:
		return s.CompareAndDelete(ctx, key, near)
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

// sight looks at far for somebody who has near's token.
func (s *Store) sight(ctx context.Context, key string, w *watched, near store.Token) (store.Token, error) {
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

// takeOver makes near hold far's token in place of its own, or the other way round if
// near's is the newer one.
func (s *Store) takeOver(key string, near, tok store.Token) {
	if tok.Equal(near) {
		return
	}
	if s.isPast(key, near, tok) {
		if s.isRefused(key) || !s.mayRepair(key, maxReturns) {
			return
		}
		if !s.insists(key, tok) {
			s.writeBack(key, near)
			return
		}
		s.setPresent(key, tok)
	}
	held, err := s.adopt(context.Background(), key, near, tok)
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
	d := debt{olds: append(s.gone(key), store.Token{}), tok: tok, back: true}
	op := s.write(context.Background(), key, func(ctx context.Context) (store.Token, error) {
		if isIn(s.gone(key), tok) { // rejected since it was looked at
			return store.Token{}, store.ErrNotFound
		}
		return s.payInstead(ctx, key, d, before)
	})
	<-op.done
	switch {
	case errors.Is(op.err, store.ErrDeleted):
		s.drop(key, tok)
	case failure(op.err) != nil:
		s.owe(key, d, op)
	case op.err == nil:
		s.takeOver(key, tok, op.tok)
	}
}
