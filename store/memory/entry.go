package memory

import (
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/atomictoken"
	"github.com/advoware-go/advoware/store"
)

// entry is one key that has a token. A renewal replaces the token, never the entry. A
// removed entry is not inserted again: a Get that still holds it began before the removal,
// and may return its token.
type entry struct {
	key      string
	tok      atomictoken.Token
	accessed atomic.Bool // the CLOCK bit: set by a hit, cleared by the eviction scan

	// The rest is written and read under the writers' lock only.
	probation    bool          // it is in the probation queue, else in the main queue
	heapIndex    int32         // its place in the expiryHeap
	deadline     time.Duration // when its token ends, since Store.start
	older, newer *entry        // in its queue

	next [2]atomic.Pointer[entry] // in the same bucket of the table, at each of its sizes
}

// access returns the token and sets the CLOCK bit. A bit that is set is not written again,
// so that cores which share the entry do not invalidate each other's cache line.
func (e *entry) access() store.Token {
	if !e.accessed.Load() {
		e.accessed.Store(true)
	}
	return e.tok.Load()
}
