package memory

import (
	"errors"

	"github.com/dgraph-io/ristretto/v2"
)

// policy keeps the number of entries within the capacity: order says which one is
// evicted, and a ristretto cache is the bound. Neither a hit nor a renewal passes
// through it.
//
// ristretto could choose by itself. But it counts lookups on a goroutine that has to get
// a turn, and drops those that arrive meanwhile: with one core, or with busy ones, it
// knows next to nothing of what is asked for. So it is given room before it is given an
// entry.
//
// ristretto is asynchronous by nature: a Set is queued and may be dropped, turned
// away or overtaken. Here every method is called under the writers' lock, and
// admit waits until its Set is settled. So there is never a Set in the queue that
// something else could meet, and Close meets nobody at all.
type policy struct {
	cache *ristretto.Cache[string, *entry]
	order order

	// Written by ristretto's callbacks, which run on its goroutine while the
	// writer stands in Wait. A callback must not call ristretto: it would wait
	// for itself.
	evicted []*entry
}

// newPolicy returns a policy that keeps as many entries as capacity says.
func newPolicy(capacity int) (*policy, error) {
	p := &policy{order: newOrder(capacity)}
	cache, err := ristretto.NewCache(&ristretto.Config[string, *entry]{
		NumCounters: 1000, // of lookups; they are not used
		MaxCost:     int64(capacity),
		BufferItems: 64,
		// Without it each entry costs 56 more, and a cache for 56 keeps nothing.
		IgnoreInternalCost: true,
		// Its own expiry is not used (a sweep can take an entry that was renewed
		// meanwhile), so the ticker for it need not tick: once in 68 years.
		TtlTickerDurationInSec: 1 << 32,
		OnEvict:                func(item *ristretto.Item[*entry]) { p.evicted = append(p.evicted, item.Value) },
	})
	if err != nil {
		return nil, err
	}
	p.cache = cache
	probe := &entry{key: "probe"}
	if _, kept := p.admit(probe); !kept {
		p.close()
		return nil, errors.New("ristretto does not keep what it is given")
	}
	p.forget(probe)
	return p, nil
}

// admit offers a newcomer a place. It returns those who lost theirs to it, and
// whether the newcomer is in.
func (p *policy) admit(e *entry) (evicted []*entry, kept bool) {
	p.evicted = nil
	crowded := p.order.full()
	if crowded {
		v := p.order.victim()
		if v == nil {
			p.order.remember(e)
			return nil, false
		}
		p.order.remember(v)
		p.forget(v)
		evicted = append(evicted, v)
	}
	p.cache.Set(e.key, e, 1)
	p.cache.Wait()
	for _, v := range p.evicted {
		p.order.remove(v)
	}
	evicted = append(evicted, p.evicted...)
	// Set's answer says little: one that was taken can be turned away later. So look.
	there, ok := p.cache.Get(e.key)
	if kept = ok && there == e; kept {
		p.order.add(e, crowded)
	}
	return evicted, kept
}

// forget gives up the place of an entry that is in. There is nothing to wait for:
// whoever wants the place queues behind.
func (p *policy) forget(e *entry) {
	p.order.remove(e)
	p.cache.Del(e.key)
}

// close ends ristretto's goroutines and lets go of everything. The policy must
// not be used any more.
func (p *policy) close() {
	p.cache.Close()
	*p = policy{}
}
