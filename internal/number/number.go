// Package number reads whole numbers that somebody else wrote: in a header, a body, a
// Redis value, an environment variable. Digits that say more than fits are the largest
// number that does, because whoever wrote them meant "very many" and not "none".
package number

import (
	"math"
	"time"
)

// Parse returns the whole number that text is: digits, with a sign before them or not.
// What is beyond the range of an int64 is its end. ok is false, and n 0, if text is
// anything else, an empty text included; spaces are not skipped.
func Parse[T ~string | ~[]byte](text T) (n int64, ok bool) {
	digits, negative := 0, false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		digits, negative = 1, text[0] == '-'
	}
	if len(text) == digits {
		return 0, false
	}
	for i := digits; i < len(text); i++ {
		c := text[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		// Counted below zero, where there is room for one more than above it.
		if d := int64(c - '0'); n < (math.MinInt64+d)/10 {
			n = math.MinInt64
		} else {
			n = 10*n - d
		}
	}
	switch {
	case negative:
		return n, true
	case n == math.MinInt64:
		return math.MaxInt64, true
	}
	return -n, true
}

// Duration returns n units, or the end of the range that n units are beyond. The unit
// must be positive.
func Duration(n int64, unit time.Duration) time.Duration {
	switch {
	case n > math.MaxInt64/int64(unit):
		return math.MaxInt64
	case n < math.MinInt64/int64(unit):
		return math.MinInt64
	}
	return time.Duration(n) * unit
}
