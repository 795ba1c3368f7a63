package discovery

import (
	"context"
	"time"

	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/internal/origin"
)

const (
	reaskAfter = time.Minute     // an address that does not answer is asked for again, at most
	suspectLow = 5 * time.Second // and looked for in Memory, at most
	otherMoved = time.Second     // the wait for another process that asks
)

// Moved takes note that from, which was present, did not answer: nothing listens there, its
// name is not known, TLS fails, or the connection broke. It asks the vendor again, once a
// minute for all processes that share a Memory, and returns the present addresses if they
// are others by now, else nil. A caller waits as in Find, and leaves when its ctx ends.
func (f *Finder) Moved(ctx context.Context, from *Addresses) *Addresses {
	if f == nil || from == nil {
		return nil
	}
	if now := f.office.present.Load(); now != from {
		return now
	}
	if from.Fallback() { // the vendor did not say: it is asked in its own time
		return nil
	}
	a, err := f.join(ctx, "moved", func(ctx context.Context) (*Addresses, error) { return f.moved(ctx, from), nil })
	if err != nil || a == from {
		return nil
	}
	return a
}

// Suspect is Moved for those who do not wait.
func (f *Finder) Suspect(from *Addresses) {
	if f == nil || from == nil || from.Fallback() || f.office.present.Load() != from {
		return
	}
	due := false
	f.office.locked(func() { due = time.Since(f.office.looked) >= suspectLow })
	if due {
		f.beside(func(ctx context.Context) (*Addresses, error) { return f.Moved(ctx, from), nil })
	}
}

// moved is the run of those whose address does not answer.
func (f *Finder) moved(ctx context.Context, from *Addresses) *Addresses {
	o := f.office
	if now := o.present.Load(); now != from {
		return now
	}
	if !o.once(&o.looked, suspectLow) {
		return from
	}
	if n, ok := f.recall(ctx); ok && n.addresses != nil && !n.addresses.equal(from) { // another process knows
		return f.learn(ctx, n.addresses)
	}
	asked := false
	o.locked(func() { asked = !o.reasked.IsZero() && time.Since(o.reasked) < reaskAfter })
	if asked {
		return from
	}
	if !f.claim(ctx, f.movedKey(), reaskAfter) {
		if o.once(&o.waited, reaskAfter) {
			return f.awaitOther(ctx, from, time.Now().Add(otherMoved))
		}
		return from
	}
	o.locked(func() { o.reasked = time.Now() })
	a, err := f.question(ctx, time.Now())
	if err != nil {
		f.tell(func() {
			f.cfg.Logger.WarnContext(ctx, "the Kanzlei does not answer, and the vendor does not say where it is reached", "api", origin.Of(from.API), "error", err)
		})
		return from
	}
	return f.adopt(ctx, a)
}

// awaitOther waits until then for another process to find another address.
func (f *Finder) awaitOther(ctx context.Context, from *Addresses, until time.Time) *Addresses {
	for time.Now().Before(until) && !f.cfg.Offices.resting() && pause(ctx, otherPoll) {
		n, ok := f.recall(farwait.Fresh(ctx, farwait.Default))
		if ok && n.addresses != nil && !n.addresses.equal(from) {
			return f.learn(ctx, n.addresses)
		}
	}
	return from
}

// renew asks again while what is known serves.
func (f *Finder) renew(ctx context.Context) (*Addresses, error) {
	known := f.office.present.Load()
	a, err := f.question(ctx, time.Now())
	if err != nil {
		return f.without(ctx, known, err)
	}
	return f.adopt(ctx, a), nil
}

// retry has the vendor asked again beside the callers, who go on with the defaults.
func (f *Finder) retry(a *Addresses) {
	first := false
	f.office.locked(func() { first, f.office.retrying = !f.office.retrying, true })
	if !first {
		return
	}
	f.beside(func(ctx context.Context) (*Addresses, error) {
		defer f.office.locked(func() { f.office.retrying = false })
		if f.office.present.Load() != a {
			return nil, nil
		}
		return f.search(ctx, nil, f.cfg.bound()+time.Second)
	})
}
