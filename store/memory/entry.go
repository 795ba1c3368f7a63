package memory

import (
	"sync/atomic"
	"time"

	"github.com/advoware-go/advoware/internal/atomictoken"
)

// entry is one key that has a token. A renewal replaces the token, never the entry. A
// removed entry is empty and is not inserted again: who still holds it finds no token, as
// if the lookup had come a moment later.
type entry struct {
	key string
	atomictoken.Slot

	// The rest is written and read under the writers' lock only.
	probation    bool          // it is in the probation queue, else in the main queue
	heapIndex    int32         // its place in the expiryHeap
	deadline     time.Duration // when its token ends, since Store.start
	older, newer *entry        // in its queue

	next [2]atomic.Pointer[entry] // in the same bucket of the table, at each of its sizes
}
