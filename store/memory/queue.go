package memory

// queue is a list of entries in the order in which they came. An entry is in one queue
// at most.
type queue struct {
	oldest, newest *entry
	len            int
}

func (q *queue) push(e *entry) {
	e.older, e.newer = q.newest, nil
	if q.newest == nil {
		q.oldest = e
	} else {
		q.newest.newer = e
	}
	q.newest = e
	q.len++
}

func (q *queue) remove(e *entry) {
	if e.older == nil {
		q.oldest = e.newer
	} else {
		e.older.newer = e.newer
	}
	if e.newer == nil {
		q.newest = e.older
	} else {
		e.newer.older = e.older
	}
	e.older, e.newer = nil, nil
	q.len--
}
