package sealed

import (
	"errors"
	"sync/atomic"

	"github.com/advoware-go/advoware/store"
)

// reason is why a token of the inner store is not used.
type reason int

const (
	notSealed reason = iota
	unknownKey
	broken
	reasons // how many there are
)

// Error describes the reason without the value.
func (f reason) Error() string {
	return [...]string{
		notSealed:  "unusable token: it is not sealed; does a program that does not seal share the key?",
		unknownKey: "unusable token: it was sealed by a key that is not in the ring",
		broken:     "unusable token: it does not decrypt for this key and identity",
	}[f]
}

// Is makes every reason match store.ErrNotFound and store.ErrUnusable.
func (f reason) Is(target error) bool {
	return target == store.ErrNotFound || target == store.ErrUnusable
}

// Stats are the counters of a [Store] since it was made.
type Stats struct {
	// Tokens of the inner store that did not open, by reason, counted each time.
	NotSealed  uint64 // plain, or sealed in a form of another release
	UnknownKey uint64 // sealed by a key that is not in the ring
	Broken     uint64 // changed, or sealed for another key name or identity

	TooLong uint64 // tokens over MaxTokenBytes that were not stored
}

// Unusable returns how often a token did not open, for any reason.
func (s Stats) Unusable() uint64 { return s.NotSealed + s.UnknownKey + s.Broken }

// Stats returns the counters. Each is exact; together they are not one instant.
func (s *Store) Stats() Stats {
	c := &s.counters
	return Stats{
		NotSealed:  c.unusable[notSealed].Load(),
		UnknownKey: c.unusable[unknownKey].Load(),
		Broken:     c.unusable[broken].Load(),
		TooLong:    c.tooLong.Load(),
	}
}

type counters struct {
	tooLong  atomic.Uint64
	unusable [reasons]atomic.Uint64
}

// opened counts the end of an attempt to open a token.
func (c *counters) opened(err error) {
	var f reason
	if errors.As(err, &f) {
		c.unusable[f].Add(1)
	}
}
