// Package number parses integers from outside: from a header, a body, a Redis value or an
// environment variable. It saturates: a number out of range becomes the nearest one in
// range, because its writer meant "very many" and not "none".
package number

import (
	"math"
	"time"
)

// Parse parses decimal digits with an optional sign. A number outside the range of an
// int64 becomes the end of that range. For anything else, an empty text and spaces
// included, n is 0 and ok is false.
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
		// Negative, because there is one more negative int64 than there are positive ones.
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

// Duration returns n units; if that is out of range, the end of the range. The unit must
// be positive.
func Duration(n int64, unit time.Duration) time.Duration {
	switch {
	case n > math.MaxInt64/int64(unit):
		return math.MaxInt64
	case n < math.MinInt64/int64(unit):
		return math.MinInt64
	}
	return time.Duration(n) * unit
}
