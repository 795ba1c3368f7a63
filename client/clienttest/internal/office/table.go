package office

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// mark is what the office itself writes into a row.
type mark struct {
	number int
	rowID  string // 40 opaque characters that change with each write (seen)
	at     time.Time
}

// table is a collection: rows that are made from their number, and over them those
// that clients have written. A row is never changed, only replaced.
type table[R any] struct {
	office *Office
	name   string
	first  int // number of the first row
	rows   int // how many are made
	make   func(number int) R
	mark   func(*R, mark)

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

// overhead is what a row takes beside its texts, roughly.
const overhead = 1 << 10

func newTable[R any](o *Office, name string, first, rows int, make func(int) R, mark func(*R, mark)) *table[R] {
	return &table[R]{office: o, name: name, first: first, rows: rows, make: make, mark: mark,
		written: map[int]entry[R]{}, last: first + rows - 1}
}

// isMade reports whether a row with that number was there from the start.
func (t *table[R]) isMade(number int) bool { return number >= t.first && number < t.first+t.rows }

// fresh makes a row as it was at the start.
func (t *table[R]) fresh(number int) R {
	row := t.make(number)
	sum := sha256.Sum256([]byte(t.name + strconv.Itoa(number)))
	// Changed some day in the two months before, at an odd time.
	ago := time.Duration(uint64(sum[0])<<16|uint64(sum[1])<<8|uint64(sum[2])) % (60 * 86400) * time.Second
	fraction := time.Duration(uint64(sum[3])<<16|uint64(sum[4])<<8|uint64(sum[5])) % 1e7 * 100
	t.mark(&row, mark{number, t.rowID(number, 0), t.office.began.Truncate(time.Second).Add(fraction - ago)})
	return row
}

func (t *table[R]) rowID(number, version int) string {
	sum := sha256.Sum256([]byte(strconv.FormatUint(t.office.seed, 36) + t.name + strconv.Itoa(number) + "/" + strconv.Itoa(version)))
	return hex.EncodeToString(sum[:20])
}

// stamped returns a row that is written now.
func (t *table[R]) stamped(row R, number, version int) *R {
	at := t.office.now().UTC().Truncate(100 * time.Nanosecond)
	t.mark(&row, mark{number, t.rowID(number, version), at})
	return &row
}

// find returns a row by its number.
func (t *table[R]) find(number int) (row R, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.get(number)
}

func (t *table[R]) get(number int) (row R, ok bool) {
	switch e, over := t.written[number]; {
	case over && e.row != nil:
		return *e.row, true
	case over || !t.isMade(number):
		return row, false
	}
	return t.fresh(number), true
}

// most is how many rows there are at most.
func (t *table[R]) most() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rows + len(t.written)
}

// all returns the rows by number, as they are at the call.
func (t *table[R]) all() iter.Seq[R] { return t.from(t.first, t.rows) }

// from is all, but of the rows made at the start only n from a number on.
func (t *table[R]) from(first, n int) iter.Seq[R] {
	t.mu.Lock()
	written := maps.Clone(t.written)
	t.mu.Unlock()
	var created []int
	for number, e := range written {
		if !t.isMade(number) && e.row != nil {
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

// add gives a row the next number, which is never used twice.
func (t *table[R]) add(row R, size int) (R, *answer.Answer) {
	size += overhead
	if !t.office.room.take(1, size) {
		return row, full()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	e := entry[R]{row: t.stamped(row, t.last, 1), version: 1, size: size}
	t.written[t.last] = e
	return *e.row, nil
}

// change replaces a row by what f makes of it. f must not call the table.
func (t *table[R]) change(number, size int, f func(old R) (R, *answer.Answer)) (R, *answer.Answer) {
	size += overhead
	t.mu.Lock()
	defer t.mu.Unlock()
	old, ok := t.get(number)
	if !ok {
		return old, answer.NotFound()
	}
	row, bad := f(old)
	if bad != nil {
		return old, bad
	}
	e, over := t.written[number]
	rows := 0
	if !over {
		rows = 1
	}
	if !t.office.room.take(rows, size-e.size) {
		return old, full()
	}
	e = entry[R]{row: t.stamped(row, number, e.version+1), version: e.version + 1, size: size}
	t.written[number] = e
	return *e.row, nil
}

// remove deletes a row.
func (t *table[R]) remove(number int) *answer.Answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.get(number); !ok {
		return answer.NotFound()
	}
	e, over := t.written[number]
	switch {
	case !t.isMade(number):
		delete(t.written, number)
		t.office.room.take(-1, -e.size)
		return nil
	case over:
		t.office.room.take(0, -e.size)
	case !t.office.room.take(1, 0):
		return full()
	}
	t.written[number] = entry[R]{}
	return nil
}
