// Package watch reports changes of Redis keys within milliseconds.
//
// A [Watch] keeps one connection of its own, over which the server pushes the names of
// keys that may have changed, by any client and in any database. A server that cannot
// push is polled every few seconds. A push does not say what happened: the follower has
// to read the key.
//
// Use it to keep a copy of a value in this process up to date (store/tiered does, with
// the token), or to be woken when another process is done (the lease of store/redis).
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the parts
// work together.
package watch

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/crew"
)

// Watch reports when the value under a Redis key may have changed. Make one with [New].
//
// Redis pushes the names of changed keys over a connection of the Watch's own
// (CLIENT TRACKING, since Redis 6), which is pinged, and made again when it dies. A
// server that cannot push is polled, and asked again whether it can, with backoff. While
// nothing is followed there is no connection, no goroutine and no timer. A connection is
// made for a name that is followed for more than a moment, and outlives the last follow
// by a few seconds, so that short waits do not make one each.
type Watch struct {
	cfg    Config
	seed   maphash.Seed // of the digests of polled values
	life   context.Context
	end    context.CancelFunc
	behind sync.WaitGroup
	wake   chan struct{} // of the router
	calls  *crew.Crew[*follow]

	mu       sync.Mutex
	names    map[string]*watched // what is followed
	routes   map[string]*route   // by tag
	links    map[string]*link    // by address
	routing  bool                // the router runs
	unrouted bool                // it has not caught up with names
	refused  map[string]refused  // by address
	warned   map[string]struct{} // reasons why a server does not push, that were logged
	stats    Stats
	missed   uint64 // how often a server has pushed that all its keys may have changed, or began to push again
}

// Stats counts what a [Watch] has done since it was made.
type Stats struct {
	Links  uint64 // connections on which the server began to push
	Pushes uint64 // pushes of followed names
	Polls  uint64 // of servers that do not push

	// Pushing reports whether everything that is followed is pushed at present.
	Pushing bool
}

// New returns a Watch. It does no I/O. The error names everything that is wrong
// with cfg. Close it before its client.
func New(cfg Config) (*Watch, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	w := &Watch{
		cfg:     cfg,
		seed:    maphash.MakeSeed(),
		life:    life,
		end:     end,
		wake:    make(chan struct{}, 1),
		names:   make(map[string]*watched),
		routes:  make(map[string]*route),
		links:   make(map[string]*link),
		refused: make(map[string]refused),
		warned:  make(map[string]struct{}),
	}
	w.calls = crew.New(callers, crew.Singly, callPatience, func(one []*follow) { w.deliver(one[0]) })
	return w, nil
}

// Follow calls changed whenever the value under the key name may have been changed,
// by this process too, until stop is called. It does no I/O and does not wait. A caller
// that follows first and reads the value then misses no change.
//
// gap: changes may have been missed before this call, because the connection is new, or
// the whole database was emptied. A name that is absent then has not necessarily been
// deleted. If name is not pushed yet when Follow is called, changed is called with gap
// as soon as it is; otherwise the first call is that of the first change.
//
// Calls for one Follow come one after the other, on goroutines of the Watch; those that
// fall due while changed runs become one. They are limited: a burst of 16, then ten a
// second, and one a second while the changes go on; the last change is always reported.
// A changed that hangs or panics affects neither the other follows nor the Watch.
//
// stop does not wait and may be called from changed, and more than once. One call of
// changed that was due before may still begin or run after stop has returned, none
// after that. After Close, Follow does nothing.
func (w *Watch) Follow(name string, changed func(gap bool)) (stop func()) {
	f := &follow{changed: changed}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life.Err() != nil {
		return func() {}
	}
	r := w.routes[w.tag(name)]
	e := w.names[name]
	if e == nil {
		e = &watched{synced: r != nil && covered(r.link.tracked, name)}
		w.names[name] = e
	}
	e.follows = append(e.follows, f)
	switch {
	case r == nil:
		w.unrouted = true
		signal(w.wake)
		if !w.routing {
			w.routing = true
			w.behind.Go(w.router)
		}
	case !e.synced:
		signal(r.link.wake)
	}
	return func() { w.unfollow(name, f) }
}

// Stats returns the counters and whether the server pushes.
func (w *Watch) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.stats
	s.Pushing = len(w.links) > 0 && !w.unrouted
	for _, l := range w.links {
		s.Pushing = s.Pushing && l.tracked != nil
	}
	return s
}

// Link numbers the connections over which everything that is followed is pushed: another number
// means that one was made anew, that a server was emptied, or that one did not push for a moment,
// and 0 that there is none. If it is the same before and after a read, nothing of that has happened
// in between. It is known here before the followers are called, of whom there may be thousands.
func (w *Watch) Link() uint64 {
	if s := w.Stats(); s.Pushing {
		w.mu.Lock()
		defer w.mu.Unlock()
		return s.Links + w.missed
	}
	return 0
}

// Close ends all follows, the connections and what runs in the background, and waits
// for that, and for calls of changed that are running, so changed must not call it.
// It may be called more than once, and returns nil. It does not wait for a call that
// Config.Client does not return from.
func (w *Watch) Close() error {
	w.mu.Lock()
	w.end()
	clear(w.names)
	w.mu.Unlock()
	w.behind.Wait()
	return nil
}

// log bounds the logger, which may hang, panic or call Close.
func (w *Watch) log(level slog.Level, text string, args ...any) {
	said := bounded.Run(func() {
		w.cfg.Logger.Log(context.Background(), level, "watch: "+text, args...)
	})
	select {
	case <-said:
	case <-w.life.Done():
	}
}

// signal wakes the receiver of c, now or when it receives next.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
