package store

import (
	"cmp"
	"time"
)

// The times of a token that all programs which share a store must agree on. They are those
// of the vendor's gateway and of the programs in other languages.
const (
	DefaultLifetime = 55 * time.Minute  // from the request to the end
	DefaultGuard    = 10 * time.Second  // Margins.Guard
	DefaultMargin   = 110 * time.Second // Margins.Margin
)

// Margins are how long before its end a token is given up. All programs that share a store
// must have the same. Other values than the defaults are for tests and studies with tokens
// that live for seconds.
type Margins struct {
	// Guard is how long before its end nobody uses a token any more: its Expiry. 0 means
	// DefaultGuard, negative is an error.
	Guard time.Duration
	// Margin is how long before its Expiry a store that processes share forgets a token,
	// so that a reader without a clock in common can believe what is there. 0 means
	// DefaultMargin, negative is an error.
	Margin time.Duration
}

// WithDefaults returns m with the defaults in place of zeros.
func (m Margins) WithDefaults() Margins {
	return Margins{cmp.Or(m.Guard, DefaultGuard), cmp.Or(m.Margin, DefaultMargin)}
}

// Life returns how long a token that lives for lifetime is used: from the request to its
// Expiry.
func (m Margins) Life(lifetime time.Duration) time.Duration { return lifetime - m.Guard }

// SharedLife returns how long others see such a token in a store that processes share.
func (m Margins) SharedLife(lifetime time.Duration) time.Duration { return m.Life(lifetime) - m.Margin }
