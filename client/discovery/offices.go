package discovery

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// Offices are what the Finders of a process share: the present addresses of each office,
// and the request for them that is under way. The zero value is empty and ready to use; it
// must not be copied.
type Offices struct {
	mu    sync.Mutex
	all   map[string]*office
	until time.Time // Memory is left alone, after a failure
}

// office is what is known of one, for all Finders with the same configuration.
type office struct {
	present atomic.Pointer[Addresses]
	runs    singleflight.Group

	mu        sync.Mutex
	users     int
	life      context.Context // ends with the last Finder
	end       context.CancelCauseFunc
	left      time.Time // when the last Finder was closed
	learned   time.Time // when it was last asked about the present addresses
	confirmed time.Time // when there was last an answer to that

	failure  error     // of the last attempt, if addresses are required
	notUntil time.Time // until then failure stands
	noted    time.Time // since when Memory has said that there is no answer
	warned   bool      // that there is no answer
	odd      string    // what the last answer had that is not used

	renewed, looked, waited, reasked time.Time // what is done once in a while
	retrying                         bool
}

// enter returns the office with an id, for one more Finder.
func (o *Offices) enter(id string, ttl time.Duration) *office {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, of := range o.all {
		if of.forgettable(ttl) {
			delete(o.all, name)
		}
	}
	if o.all == nil {
		o.all = make(map[string]*office)
	}
	of := o.all[id]
	if of == nil {
		of = new(office)
		o.all[id] = of
	}
	of.mu.Lock()
	defer of.mu.Unlock()
	if of.users++; of.users == 1 {
		of.life, of.end = context.WithCancelCause(context.Background())
	}
	return of
}

// forgettable reports whether nobody uses what is known, and it is too old to be used
// again.
func (of *office) forgettable(ttl time.Duration) bool {
	of.mu.Lock()
	defer of.mu.Unlock()
	return of.users == 0 && time.Since(of.left) > ttl
}

func (of *office) leave() {
	of.mu.Lock()
	defer of.mu.Unlock()
	if of.users--; of.users == 0 {
		of.left = time.Now()
		of.end(ErrClosed)
	}
}

// context returns one that ends with the last Finder.
func (of *office) context() context.Context {
	of.mu.Lock()
	defer of.mu.Unlock()
	return of.life
}

// once reports whether at least pause has passed since it last reported so for this
// instant.
func (of *office) once(last *time.Time, pause time.Duration) bool {
	of.mu.Lock()
	defer of.mu.Unlock()
	if !last.IsZero() && time.Since(*last) < pause {
		return false
	}
	*last = time.Now()
	return true
}

// locked runs f while nothing else reads or writes the office.
func (of *office) locked(f func()) {
	of.mu.Lock()
	defer of.mu.Unlock()
	f()
}

// resting reports whether Memory is left alone.
func (o *Offices) resting() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Before(o.until)
}

// rest leaves Memory alone for a while.
func (o *Offices) rest() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.until = time.Now().Add(memoryRest)
}
