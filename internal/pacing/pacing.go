// Package pacing says when a token is renewed, how long a gateway that failed is left
// alone, and how long another process is waited for: arithmetic, without a clock.
package pacing

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/advoware-go/advoware/store"
)

// How long a failed gateway is left alone.
const (
	MinBackoff    = time.Second
	MaxBackoff    = 60 * time.Second
	refusalPause  = 60 * time.Second
	MaxRetryAfter = 5 * time.Minute // whatever a gateway or another process asks for
)

// Backoff draws the pause after so many outages in a row: full jitter under an
// exponentially growing ceiling, but never less than a second.
func Backoff(row int) time.Duration {
	ceiling := min(MaxBackoff, MinBackoff<<min(row, 10))
	return MinBackoff + rand.N(ceiling-MinBackoff+1)
}

// AfterOutage draws the pause after so many outages in a row. While a token still serves,
// for left, it is at most half of that, so that a gateway that comes back before the
// token's end is noticed before it. The gateway may ask for a longer pause.
func AfterOutage(row int, left, retryAfter time.Duration) time.Duration {
	within := MaxBackoff
	if left > 0 {
		within = max(MinBackoff, left/2)
	}
	return max(min(Backoff(row), within), min(retryAfter, MaxRetryAfter))
}

// AfterRefusal returns the pause after the credentials were refused.
func AfterRefusal(retryAfter time.Duration) time.Duration {
	return max(refusalPause, min(retryAfter, MaxRetryAfter))
}

// fetchGrace limits by how much a Fetch ends before its bound: by a tenth of it, and this
// at most.
const fetchGrace = 3 * time.Second

// Within returns how long a Fetch within limit may take, so that calls with the same bound
// get its error, which says more than that the time ran out.
func Within(limit time.Duration) time.Duration { return limit - min(fetchGrace, limit/10) }

// A renewal starts at an instant drawn from this part of a token's shared life.
const (
	renewFrom = 0.88
	renewTo   = 0.95
)

// RenewIn draws how long after now a token is renewed that lives for lifetime, or shorter as
// it says itself. Other processes see it for a margin less; a token too short to be shared is
// renewed by its own life.
func RenewIn(tok store.Token, now time.Time, lifetime time.Duration, m store.Margins) time.Duration {
	life, left, margin := m.Life(lifetime), store.Remaining(now, tok.Expiry()), m.Margin
	if issued := tok.IssuedAt(); !issued.IsZero() {
		life = min(life, tok.Expiry().Sub(issued))
	}
	if life-margin < m.Guard {
		margin = 0
	}
	part := renewFrom + (renewTo-renewFrom)*rand.Float64()
	return max(0, left-life+time.Duration(part*float64(life-margin)))
}

const (
	minHold    = 3 * time.Second // a lease's life, in which a process that died is found out
	usualFetch = 2 * time.Second // until there has been one to measure
)

// Pace is how long token requests usually take. It is safe for concurrent use, and must not
// be copied after first use.
type Pace struct {
	mu    sync.Mutex
	usual time.Duration
}

// Note takes note of a token request that brought a token.
func (p *Pace) Note(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.usual == 0 {
		p.usual = took
	}
	p.usual += (took - p.usual) / 4
}

// Patience is how long one other process is waited for: twice what a token request
// usually takes, and no less than its lease lasts.
func (p *Pace) Patience() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(minHold, 2*cmp.Or(p.usual, usualFetch))
}
