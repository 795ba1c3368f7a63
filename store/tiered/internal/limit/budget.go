package limit

import "time"

// Budget limits how often something is done that may be done often: in bursts of eight, and
// every 25 ms after that. The zero value is all of it.
type Budget struct {
	used time.Duration // each time uses budgetEvery of it, and it recovers with time
	at   time.Time
}

const (
	budgetBurst = 8
	budgetEvery = 25 * time.Millisecond
)

// Take returns how long to wait before the next time, 0 if it may be now.
func (b *Budget) Take(now time.Time) time.Duration {
	b.used = max(0, b.used-now.Sub(b.at))
	b.at = now
	if wait := b.used - (budgetBurst-1)*budgetEvery; wait > 0 {
		return wait
	}
	b.used += budgetEvery
	return 0
}
