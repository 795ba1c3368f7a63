package gateway

import (
	"net/http"
	"sync/atomic"
	"time"
)

// tolerance is the difference of the clocks from which it is corrected. The
// gateway takes minutes; a Date header is exact to a second and late by the trip.
const tolerance = 30 * time.Second

// clock is how far the gateway's clock is ahead of ours, as far as that has been
// learned. Only a refusal teaches it: a gateway that accepts us has no quarrel
// with our time.
type clock struct{ ahead atomic.Int64 }

func (c *clock) offset() time.Duration { return time.Duration(c.ahead.Load()) }

// learn takes the difference that a refusing answer shows, and reports whether
// the refused request, made with the correction used, was wrong by that. It asks
// for used because a request beside it may have taught the clock meanwhile; then it is no
// news.
func (c *clock) learn(date, at time.Time, used time.Duration) (wrong, news bool) {
	if date.IsZero() {
		return false, false
	}
	seen := difference(date, at)
	if (seen - used).Abs() < tolerance {
		return false, false
	}
	if seen.Abs() < tolerance {
		seen = 0 // the local clock has been put right
	}
	before := time.Duration(c.ahead.Swap(int64(seen)))
	return true, (seen - before).Abs() >= tolerance
}

// confirm forgets the correction once an accepting answer shows that the local
// clock is right again.
func (c *clock) confirm(date, at time.Time) {
	if c.offset() != 0 && !date.IsZero() && difference(date, at).Abs() < tolerance {
		c.ahead.Store(0)
	}
}

func difference(date, at time.Time) time.Duration { return date.Sub(at.Round(0)) }

// parseDate reads a Date header, zero if it is none that can be believed: no clock that
// runs says 1970 or 9999.
func parseDate(header string) time.Time {
	date, err := http.ParseTime(header)
	if err != nil || date.Year() < 1990 || date.Year() > 2199 {
		return time.Time{}
	}
	return date
}
