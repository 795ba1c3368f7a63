package memory

// policy decides which entries stay when there are more keys than the capacity. All its
// methods run under the writers' lock. What it knows of hits is one bit for each entry.
//
// Eviction is SIEVE (Zhang and others, NSDI 2024), a kind of CLOCK: the hand goes through
// the main queue from the oldest entry to the newest and around again. It clears the bit
// of an entry that was accessed and passes on; the first entry without the bit is evicted.
//
// Admission follows S3-FIFO (Yang and others, SOSP 2023): once the store is full, a new
// entry goes into a short probation queue, so that keys which come once evict each other
// and nothing else. An entry that was accessed by the time it is the oldest there moves to
// the main queue. A key that comes back soon after its eviction, which a list of ghosts
// tells, goes into the main queue at once.
type policy struct {
	capacity  int // of both queues together
	probation probation
	main      queue
	clockHand *entry // in main, the next to look at; nil: its oldest
	ghosts    ghosts
	evict     func(*entry) // takes an entry out of the store; it is in no queue any more
}

// maxScan bounds how many entries are looked at for one eviction, because other writers
// wait meanwhile; as many again are looked at in probation.
const maxScan = 8

func newPolicy(capacity int, evict func(*entry)) policy {
	return policy{
		capacity:  capacity,
		probation: probation{capacity: max(1, capacity/20)},
		ghosts:    ghosts{capacity: capacity},
		evict:     evict,
	}
}

// admit gives a new entry a place, if necessary that of another one, which is evicted. It
// reports false if the entry is rejected: everything that was looked at has been accessed.
func (p *policy) admit(e *entry) bool {
	full := p.probation.len+p.main.len >= p.capacity
	if full {
		v := p.victim()
		if v == nil {
			p.ghosts.add(e.key)
			return false
		}
		p.remove(v)
		p.ghosts.add(v.key)
		p.evict(v)
	}
	if p.ghosts.remove(e.key) || !full {
		p.main.push(e)
		return true
	}
	evicted, admitted := p.probation.push(e)
	for _, v := range evicted {
		p.evict(v)
	}
	return admitted
}

// victim returns the entry to evict, nil if all that were looked at have been accessed.
func (p *policy) victim() *entry {
	for n := range 2 * maxScan {
		e := p.clockHand
		if p.probation.full() || p.probation.len > 0 && n >= maxScan {
			e = p.probation.oldest
		} else if e == nil {
			e = p.main.oldest
		}
		switch {
		case e == nil:
			return nil
		case !e.Accessed():
			return e
		case e.probation:
			p.probation.remove(e)
			p.main.push(e)
		default:
			p.clockHand = e.newer
		}
		e.Forget()
	}
	return nil
}

// remove takes an entry out of its queue.
func (p *policy) remove(e *entry) {
	if e.probation {
		p.probation.remove(e)
		return
	}
	if p.clockHand == e {
		p.clockHand = e.newer
	}
	p.main.remove(e)
}

// close drops all entries and ends ristretto's goroutines. The policy must not be used
// any more.
func (p *policy) close() {
	if p.probation.bound != nil {
		p.probation.bound.close()
	}
	*p = policy{}
}
