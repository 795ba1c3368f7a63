package memory

// probation is the queue of new entries in a full store. It is exact; what the bound evicts
// beyond that leaves it with the next new entry.
type probation struct {
	queue
	capacity int
	bound    *bound   // nil until the store is full for the first time
	changes  []change // not applied to bound yet
}

// change is an entry that has come into the queue, or has left it.
type change struct {
	entry *entry
	left  bool
}

// changesAtOnce is how many changes are applied to bound at once.
const changesAtOnce = 64

func (p *probation) full() bool { return p.len >= p.capacity }

// push adds an entry, and returns those that the bound has evicted since the last one. It
// reports false if there is no bound.
func (p *probation) push(e *entry) (evicted []*entry, admitted bool) {
	if p.bound == nil {
		if p.bound = newBound(p.capacity); p.bound == nil {
			return nil, false
		}
	}
	for _, v := range p.bound.takeEvicted() {
		if v.probation && !v.Accessed() {
			p.remove(v)
			evicted = append(evicted, v)
		}
	}
	e.probation = true
	p.queue.push(e)
	p.changes = append(p.changes, change{entry: e})
	return evicted, true
}

// remove takes an entry out.
func (p *probation) remove(e *entry) {
	e.probation = false
	p.queue.remove(e)
	p.changes = append(p.changes, change{e, true})
}

// batch returns what applies the changes so far to the bound, once there are enough, else nil. It
// is to be called without the writers' lock.
func (p *probation) batch() (apply func()) {
	if len(p.changes) < changesAtOnce {
		return nil
	}
	b, changes := p.bound, p.changes
	p.changes = make([]change, 0, 2*changesAtOnce)
	return func() { b.apply(changes) }
}
