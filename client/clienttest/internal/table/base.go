package table

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// Bounds of what clients can write. Beyond them a new row, and the first change of
// one that was made, is refused; the deletion of what was created makes room.
const (
	MaxWritten = 10_000   // rows
	MaxBytes   = 32 << 20 // of what was sent, and a KiB a row
)

// Overhead is what a row takes beside its texts, roughly.
const Overhead = 1 << 10

// Base is what the tables of an office share: the seed, the clock and the room for
// what clients write. Make it with NewBase.
type Base struct {
	// Began is the instant around which the rows lie that are made up.
	Began time.Time
	seed  uint64
	now   func() time.Time

	mu          sync.Mutex
	rows, bytes int
}

// NewBase makes a Base, whose made-up rows lie around an instant.
func NewBase(seed uint64, around time.Time, now func() time.Time) *Base {
	return &Base{Began: around, seed: seed, now: now}
}

// Take reports whether there was room, and takes it. Negative numbers give it back.
func (b *Base) Take(rows, bytes int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if rows > 0 && b.rows+rows > MaxWritten || bytes > 0 && b.bytes+bytes > MaxBytes {
		return false
	}
	b.rows += rows
	b.bytes += bytes
	return true
}

// Random is the source of what is made up for a row of a collection.
func (b *Base) Random(collection string, number int) *rand.Rand {
	sum := fnv.New64a()
	sum.Write([]byte(collection))
	return rand.New(rand.NewPCG(b.seed^sum.Sum64(), uint64(number)))
}

// RowID is what a row of a collection has after so many writes: 40 opaque characters.
func (b *Base) RowID(collection string, number, writes int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %d/%d", b.seed, collection, number, writes))
	return hex.EncodeToString(sum[:20])
}
