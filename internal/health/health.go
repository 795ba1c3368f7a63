// Package health records whether a server works, and since when.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for the package in context.
package health

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/store"
)

// Health is what the last operation on a server has shown. In the zero value nothing is known.
type Health struct{ now atomic.Pointer[Condition] }

// Condition is whether a server is down, and since when it has been down or up: the end of
// the first operation that showed it. Since is zero as long as nothing is known.
type Condition struct {
	Down  bool
	Since time.Time
}

// Condition returns the present one.
func (h *Health) Condition() Condition {
	if c := h.now.Load(); c != nil {
		return *c
	}
	return Condition{}
}

// Down reports whether the server is known to be down.
func (h *Health) Down() bool { return h.Condition().Down }

// Note records how an operation ended, and reports whether it is the first one of an outage,
// or the one that ends it.
func (h *Health) Note(down bool) (changed bool) {
	for {
		was := h.now.Load()
		if was != nil && was.Down == down {
			return false
		}
		if h.now.CompareAndSwap(was, &Condition{Down: down, Since: time.Now()}) {
			return down || was != nil
		}
	}
}

// Failure returns err if it means that a store did not carry out an operation. A miss, an
// unusable token and an identity conflict are results.
func Failure(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrIdentity) || errors.Is(err, store.ErrUnusable) {
		return nil
	}
	return err
}

// Outage returns err if it means that a store is down. One that refuses writes is not, nor one
// that was not asked because this process is busy.
func Outage(err error) error {
	if errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrBusy) {
		return nil
	}
	return Failure(err)
}
