package memory

import (
	"errors"

	"github.com/dgraph-io/ristretto/v2"
)

// policy decides which identities stay when there are more than fit. It is a
// ristretto cache that is asked about newcomers only: neither a hit nor a renewal
// passes through it. Of hits it hears afterwards, once for any number of them, when
// there is a newcomer; that is as good as hearing of a sample of them.
//
// ristretto is asynchronous by nature: a Set is queued and may be dropped, turned
// away or overtaken. Here every method is called under the writers' lock, and
// admit waits until its Set is settled. So there is never a Set in the queue that
// something else could meet, and Close meets nobody at all.
type policy struct {
	cache *ristretto.Cache[string, *entry]

	// Written by ristretto's callbacks, which run on its goroutine while the
	// writer stands in Wait. A callback must not call ristretto: it would wait
	// for itself.
	evicted []*entry
}

// newPolicy returns a policy that keeps as many entries as capacity says.
func newPolicy(capacity int) (*policy, error) {
	p := &policy{}
	cache, err := ristretto.NewCache(&ristretto.Config[string, *entry]{
		NumCounters: 10 * int64(capacity),
		MaxCost:     int64(capacity),
		// ristretto hears of so many lookups at once, and forgets those that are fewer at
		// each garbage collection. Here a newcomer makes five.
		BufferItems: 8,
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
	p.cache.Set(e.key, e, 1)
	p.cache.Wait()
	// Set's answer says little: one that was taken can be turned away later. So
	// look; looking is also how ristretto learns that somebody wants this identity,
	// for the next time.
	there, ok := p.cache.Get(e.key)
	return p.evicted, ok && there == e
}

// wanted tells that an entry that is in has been asked for.
func (p *policy) wanted(e *entry) { p.cache.Get(e.key) }

// forget gives up the place of an entry that is in. There is nothing to wait for:
// whoever wants the place queues behind.
func (p *policy) forget(e *entry) { p.cache.Del(e.key) }

// close ends ristretto's goroutines and lets go of everything. The policy must
// not be used any more.
func (p *policy) close() {
	p.cache.Close()
	p.cache, p.evicted = nil, nil
}
