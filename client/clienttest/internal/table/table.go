// Package table is a collection of the fake's API: rows that are made from their number
// while they are asked for, and over them those that clients have written.
package table

import (
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
)

// Mark is what the office itself writes into a row.
type Mark struct {
	Number int
	RowID  string // 40 opaque characters that change with each write (seen)
	At     time.Time
}

// Table is a collection: rows that are made from their number, and over them those
// that clients have written. A row is never changed, only replaced.
type Table[R any] struct {
	base  *Base
	name  string
	first int // number of the first row
	rows  int // how many are made
	make  func(number int) R
	mark  func(*R, Mark)

	mu      sync.Mutex
	written map[int]entry[R]
	last    int // the highest number ever used
}

// entry is a row that was written; without one it was deleted.
type entry[R any] struct {
	row     *R
	version int // how often the row was written
	size    int
}

// New makes a table. Its rows are numbered from first on; make makes one of them, and
// write puts a mark into one.
func New[R any](b *Base, name string, first, rows int, make func(number int) R, write func(*R, Mark)) *Table[R] {
	return &Table[R]{base: b, name: name, first: first, rows: rows, make: make, mark: write,
		written: map[int]entry[R]{}, last: first + rows - 1}
}

// IsMade reports whether a row with that number was there from the start.
func (t *Table[R]) IsMade(number int) bool { return number >= t.first && number < t.first+t.rows }

// fresh makes a row as it was at the start.
func (t *Table[R]) fresh(number int) R {
	row := t.make(number)
	// Changed some day in the two months before, at an odd time.
	odd := uint64(number) * 0x9e3779b97f4a7c15 >> 16
	ago := time.Duration(odd%(60*86400))*time.Second + time.Duration(odd%9_999_991)*100
	t.mark(&row, Mark{number, t.base.RowID(t.name, number, 0), t.base.Began.Truncate(time.Second).Add(-ago)})
	return row
}

// stamped returns a row that is written now.
func (t *Table[R]) stamped(row R, number, version int) *R {
	at := t.base.now().UTC().Truncate(100 * time.Nanosecond)
	t.mark(&row, Mark{number, t.base.RowID(t.name, number, version), at})
	return &row
}

// Find returns a row by its number.
func (t *Table[R]) Find(number int) (row R, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.get(number)
}

func (t *Table[R]) get(number int) (row R, ok bool) {
	switch e, over := t.written[number]; {
	case over && e.row != nil:
		return *e.row, true
	case over || !t.IsMade(number):
		return row, false
	}
	return t.fresh(number), true
}

// Most is how many rows there are at most.
func (t *Table[R]) Most() int { return t.rows + t.Written() }

// Written is how many rows were written, deletions included.
func (t *Table[R]) Written() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.written)
}

// Len is how many rows there are.
func (t *Table[R]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.rows
	for number, e := range t.written {
		switch made := t.IsMade(number); {
		case made && e.row == nil:
			n--
		case !made:
			n++
		}
	}
	return n
}

// All returns the rows by number, as they are at the call.
func (t *Table[R]) All() iter.Seq[R] { return t.From(t.first, t.rows) }

// From is All, but of the rows made at the start only n from a number on.
func (t *Table[R]) From(first, n int) iter.Seq[R] {
	t.mu.Lock()
	written := maps.Clone(t.written)
	t.mu.Unlock()
	var created []int
	for number, e := range written {
		if !t.IsMade(number) && e.row != nil {
			created = append(created, number)
		}
	}
	slices.Sort(created)
	return func(yield func(R) bool) {
		for number := first; number < first+n; number++ {
			e, over := written[number]
			switch {
			case !over:
				if !yield(t.fresh(number)) {
					return
				}
			case e.row != nil:
				if !yield(*e.row) {
					return
				}
			}
		}
		for _, number := range created {
			if !yield(*written[number].row) {
				return
			}
		}
	}
}

// Add gives a row the next number, which is never used twice.
func (t *Table[R]) Add(row R, size int) (R, *answer.Answer) {
	size += Overhead
	if !t.base.Take(1, size) {
		return row, rest.Full()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	e := entry[R]{row: t.stamped(row, t.last, 1), version: 1, size: size}
	t.written[t.last] = e
	return *e.row, nil
}

// Change replaces a row by what f makes of it, and says how many bytes of it came from
// clients. f must not call the table.
func (t *Table[R]) Change(number int, f func(old R) (row R, size int, bad *answer.Answer)) (R, *answer.Answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, ok := t.get(number)
	if !ok {
		return old, answer.NotFound()
	}
	row, size, bad := f(old)
	if bad != nil {
		return old, bad
	}
	size += Overhead
	e, over := t.written[number]
	rows := 0
	if !over {
		rows = 1
	}
	if !t.base.Take(rows, size-e.size) {
		return old, rest.Full()
	}
	e = entry[R]{row: t.stamped(row, number, e.version+1), version: e.version + 1, size: size}
	t.written[number] = e
	return *e.row, nil
}

// Remove deletes a row.
func (t *Table[R]) Remove(number int) *answer.Answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.get(number); !ok {
		return answer.NotFound()
	}
	e, over := t.written[number]
	switch {
	case !t.IsMade(number):
		delete(t.written, number)
		t.base.Take(-1, -e.size)
		return nil
	case over:
		t.base.Take(0, -e.size)
	case !t.base.Take(1, 0):
		return rest.Full()
	}
	t.written[number] = entry[R]{}
	return nil
}
