// Package watch tells within milliseconds what others do to Redis keys.
//
// A [Watch] keeps one connection of its own, over which the server pushes the names of
// keys that may have changed, whoever changed them and from whichever database. Where
// the server cannot push, the values are looked at every few seconds. A push says
// "look", not what happened: the look, and what it means, are up to the one who follows.
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
)

// Watch tells when the value under a Redis key may have been changed, by whomever.
// Make one with [New].
//
// Redis pushes the names of changed keys over a connection of the Watch's own
// (CLIENT TRACKING, since Redis 6), which notices by itself when it dies and is made
// again. A server that cannot push is polled, and is asked again, after seconds and then
// less and less often, whether it can. While nothing is followed there is no connection, no goroutine and
// no timer. A connection is made for what is followed for more than a moment, and
// outlives the last follow by a few seconds, so that short waits do not make one each.
type Watch struct {
	cfg    Config
	seed   maphash.Seed // of the digests of polled values
	life   context.Context
	end    context.CancelFunc
	behind sync.WaitGroup
	wake   chan struct{} // of the router

	mu       sync.Mutex
	names    map[string]*watched // what is followed
	routes   map[string]*route   // by tag
	links    map[string]*link    // by address
	routing  bool                // the router runs
	unrouted bool                // it has not caught up with names
	refused  map[string]refused  // by address
	told     map[string]struct{} // reasons why a server does not push
	stats    Stats
}

// Stats counts what a [Watch] has done since it was made.
type Stats struct {
	Links  uint64 // connections on which the server began to push
	Pushes uint64 // pushes that concerned somebody
	Polls  uint64 // looks at servers that do not push

	// Pushing reports whether the server pushes now all that is followed.
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
	return &Watch{
		cfg:     cfg,
		seed:    maphash.MakeSeed(),
		life:    life,
		end:     end,
		wake:    make(chan struct{}, 1),
		names:   make(map[string]*watched),
		routes:  make(map[string]*route),
		links:   make(map[string]*link),
		refused: make(map[string]refused),
		told:    make(map[string]struct{}),
	}, nil
}

// Follow calls changed whenever the value under the key name may have been changed,
// by this process too, until stop is called. It does no I/O and does not wait. Who
// follows first and reads the value then misses nothing.
//
// With gap, changes may have been missed before this call: the connection is new, was
// made again or the whole database was emptied. A name that is absent then has not
// necessarily been deleted. If the server is not telling of name yet when Follow is
// called, changed is called with gap as soon as it does; otherwise the first call is
// that of the first change.
//
// Calls for one Follow come one after the other, on goroutines of the Watch; those
// that fall due while changed runs become one. Somebody who changes a value without end
// causes a few calls at once and then ten a second, soon one a second; the last change
// is told in any case. A changed that hangs or panics harms
// neither the other follows nor the Watch.
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
		e = &watched{known: r != nil && covered(r.link.tracked, name)}
		w.names[name] = e
	}
	e.follows = append(e.follows, f)
	switch {
	case r == nil:
		w.unrouted = true
		nudge(w.wake)
		if !w.routing {
			w.routing = true
			w.behind.Go(w.router)
		}
	case !e.known:
		nudge(r.link.wake)
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

// Link numbers the connections over which everything that is followed is being pushed:
// another number means that one was made anew, 0 that there is none. Whoever reads a
// value and sees the same number before and after has not missed an outage.
func (w *Watch) Link() uint64 {
	if s := w.Stats(); s.Pushing {
		return s.Links
	}
	return 0
}

// Close ends all follows, the connections and what runs in the background, and waits
// for that, and for calls of changed that are running, so changed must not call it.
// It may be called more than once, and returns nil. What it cannot end is a call that
// Config.Client does not return from.
func (w *Watch) Close() error {
	w.mu.Lock()
	w.end()
	clear(w.names)
	w.mu.Unlock()
	w.behind.Wait()
	return nil
}

// say logs, and survives the logger, be it that this one calls Close.
func (w *Watch) say(level slog.Level, text string, args ...any) {
	said := bounded.Go(func() (struct{}, error) {
		w.cfg.Logger.Log(context.Background(), level, "watch: "+text, args...)
		return struct{}{}, nil
	})
	select {
	case <-said:
	case <-w.life.Done():
	}
}

// nudge wakes whoever waits for c, now or later.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
