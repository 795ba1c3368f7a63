package tiered

import (
	"math/rand/v2"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/store"
)

// Watch tells when what far has under a key may have changed. changed is called until
// stop is; gap means that changes may have been missed before, so that a token that is
// absent need not have been deleted. Stores of the root package that use Redis have one.
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
	later   bool // a look is due when the breaker lets one through
	soon    bool // a look is due when there have been too many
	budget  budget
	minute  *time.Timer  // the next look for no reason
	losses  store.Losses // of far, when the token was last seen there

	repairs  int       // how often near's token was put in place of something since
	repaired time.Time // then

	storm storm
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
// is, once a timeout of the breaker at most, one that something unusable took the place of; one that
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
		bounded.Run(func() { s.lookUntilDone(key, w) })
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

		err := s.reconcile(key, w, because)

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
	time.AfterFunc(s.cfg.BreakerTimeout+time.Millisecond, func() {
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
