package tiered

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/tiered/internal/limit"
)

// Watch reports changes of the values in far. changed is called when the value under key may
// have changed, until stop is called. gap means that earlier changes may have been missed,
// so that a token that is absent need not have been deleted. Stores of the root package that
// use Redis have one.
type Watch interface {
	Follow(key string, changed func(gap bool)) (stop func())
	// Link returns the number of the connection over which changes are pushed at present, 0
	// for none. If it differs from before, changes may have been missed in between, or
	// everything was emptied; followers may hear of that later.
	Link() uint64
}

// watched is a key that is being followed; guarded by Store.mu.
type watched struct {
	next    int // id of the next follower
	moved   map[int]func(store.Token)
	changes changes
	under   []*exchange // those that are under way
	looking bool
	due     why          // the cause of the next look, 0 if there is none
	later   bool         // a look is planned for when the breaker allows it
	soon    bool         // a look is planned for when the budget, or a process that is busy, allows it
	budget  limit.Budget // of looks: of many changes in a row only the last one counts
	minute  *time.Timer  // the next look without a cause
	hidden  store.Token  // near's, if the last look met another identity's instead; of the look under way
	absent  *sight       // a look for a push that has found nothing, nor has any since; of the look under way
	losses  store.Losses // of far, when the token was last seen there
	repairs limit.Within // how often near's token was written to far in place of something
	storm   limit.Storm
}

// changes counts how often a key may have changed, and how often changes may have been missed.
type changes struct{ all, gaps uint64 }

// why is the cause of a look at far. What an absent token means depends on it.
type why uint8

const (
	pushed why = 1 << iota // a change was pushed
	again                  // a look for a push has found nothing
	gap                    // changes may have been missed
	anyhow                 // nothing is known to have happened
)

const (
	// firstLook and nextLook are how long after it is followed a key is looked at without a
	// cause: some changes are not pushed.
	firstLook = time.Second
	nextLook  = 55 * time.Second

	// doubt is how long a look waits for the push of a deletion before an absent token counts
	// as lost.
	doubt = 500 * time.Millisecond

	// lag is how much later than an answer on another connection a push from before it may come.
	lag = 20 * time.Millisecond
)

// Follow keeps near up to date with far for key, until stop is called. Near takes a token
// that another process stores, and then moved is called with it. Near drops a token that was
// deleted. A token that far has lost (FLUSHALL, a restart) is written back. One that was
// overwritten by an unusable value is written back at most once per timeout of the breaker.
// One whose TTL in far has ended serves until its expiry. moved is called on a goroutine of
// the store. Without a Config.Watch nothing happens.
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
	s.changed(key, true) // changes since it was last followed were missed
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

// with calls f, with the mutex held, if the key is followed.
func (s *Store) with(key string, f func(*watched)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.watched[key]; w != nil {
		f(w)
	}
}

// changes returns how often key may have changed since it was followed.
func (s *Store) changes(key string) (now changes) {
	s.with(key, func(w *watched) { now = w.changes })
	return now
}

// exchange is one with far, the token of which near may take.
type exchange struct {
	w      *watched
	before changes
	unseen bool // a gap was looked at meanwhile, when near had nothing
}

func (s *Store) begin(key string) *exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := cmp.Or(s.watched[key], &watched{})
	x := &exchange{w: w, before: w.changes}
	w.under = append(w.under, x)
	return x
}

// lookAgain ends an exchange. It looks at far if the key has changed meanwhile: the exchange
// may have missed the change, and a look meanwhile has not seen what near has now. A gap is
// still one: what it has lost was not deleted.
func (s *Store) lookAgain(key string, x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.w.under = slices.DeleteFunc(x.w.under, func(other *exchange) bool { return other == x })
	w := s.watched[key]
	switch {
	case w == nil, w == x.w && w.changes.all == x.before.all:
		return
	case w != x.w, w.changes.gaps != x.before.gaps:
		w.due |= gap
	default:
		w.due |= pushed
	}
	s.lookNow(key, w)
}

// changed counts a change and looks at far.
func (s *Store) changed(key string, missed bool) {
	s.with(key, func(w *watched) {
		w.changes.all++
		w.due |= pushed
		if missed {
			w.changes.gaps++
			w.due |= gap
		}
		s.lookNow(key, w)
	})
}

// look reconciles near with far in the background; if that is under way, then once more
// after it. A key that changes all the time is looked at within the budget.
func (s *Store) look(key string, because why) {
	s.with(key, func(w *watched) {
		w.due |= because
		s.lookNow(key, w)
	})
}

// lookNow begins a look, if none is under way and the budget allows it. The mutex is held.
func (s *Store) lookNow(key string, w *watched) {
	if !s.closed && !w.looking && s.mayLook(key, w) {
		w.looking = true
		s.lookers.Add(job{key, w})
	}
}

// mayLook reports whether the budget allows a look now, and plans one for later if not. The
// mutex is held.
func (s *Store) mayLook(key string, w *watched) bool {
	if w.soon {
		return false
	}
	wait := w.budget.Take(time.Now())
	if wait <= 0 {
		return true
	}
	s.lookIn(wait, key, w)
	return false
}

// lookIn plans the next look for what is due. The mutex is held.
func (s *Store) lookIn(wait time.Duration, key string, w *watched) {
	w.soon = true
	time.AfterFunc(wait, func() {
		s.mu.Lock()
		w.soon = false
		s.mu.Unlock()
		s.look(key, 0)
	})
}

// busyPause is how long it is until far is asked again after this process was busy, or far refused.
func (s *Store) busyPause() time.Duration {
	return min(max(s.cfg.BreakerTimeout/5, time.Millisecond), time.Second)
}

// looked ends a look with a cause, and begins the next one if there was a change meanwhile. With an
// error far could not be read: changes are missed until it can, unless this process was just busy.
func (s *Store) looked(j job, because why, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j.w.looking = false
	switch {
	case errors.Is(err, store.ErrBusy):
		j.w.due |= because
		s.lookIn(s.busyPause(), j.key, j.w)
	case err != nil && because&(again|gap) == again: // what is absent was so before far failed
		j.w.due |= again
		s.lookLater(j.key, j.w)
	case err != nil:
		j.w.due |= gap
		s.lookLater(j.key, j.w)
	case j.w.due != 0:
		s.lookNow(j.key, j.w)
	}
}

// lookLater plans a look for when the breaker allows it. The mutex is held.
func (s *Store) lookLater(key string, w *watched) {
	if s.closed || w.later {
		return
	}
	w.later = true
	time.AfterFunc(s.cfg.BreakerTimeout+time.Millisecond, func() {
		s.mu.Lock()
		w.later = false
		s.mu.Unlock()
		s.look(key, 0)
	})
}

// lookAnyhow looks once in a while as long as key is followed: a swapped database and a
// write that the server does not track are not pushed.
func (s *Store) lookAnyhow(key string, w *watched) {
	s.mu.Lock()
	if s.watched[key] == w && !s.closed {
		w.minute.Reset(nextLook - rand.N(nextLook/8))
	}
	s.mu.Unlock()
	s.look(key, anyhow)
}
