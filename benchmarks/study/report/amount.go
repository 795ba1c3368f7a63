package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// short writes a duration with three digits, for people: "86 ns", "1.02 s".
func short(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		if d >= u.unit-u.unit/2000 {
			v := float64(d) / float64(u.unit)
			digits := 2
			if v >= 99.95 {
				digits = 0
			} else if v >= 9.995 {
				digits = 1
			}
			return strconv.FormatFloat(v, 'f', digits, 64) + " " + u.name
		}
	}
	return fmt.Sprintf("%d ns", d)
}

// none is what is written where nothing was measured.
const none = "–"

// round writes a duration as short does, without zeros at the end: "15 s".
func round(d time.Duration) string {
	value, unit, _ := strings.Cut(short(d), " ")
	if strings.Contains(value, ".") {
		value = strings.TrimRight(strings.TrimRight(value, "0"), ".")
	}
	return value + " " + unit
}

// tight is a text in which no line breaks.
func tight(text string) string { return strings.ReplaceAll(text, " ", "\u00a0") }

// grouped writes a number with commas: "30,000".
func grouped[T int | int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// percent writes a share; one that is nearly everything, or nearly nothing, is not
// rounded to it.
func percent(share float64) string {
	for digits := 1; ; digits++ {
		s := strconv.FormatFloat(100*share, 'f', digits, 64)
		if digits == 5 || share == 0 || share == 1 || s != "100."+strings.Repeat("0", digits) && s != "0."+strings.Repeat("0", digits) {
			if share == 0 || share == 1 {
				s = strconv.FormatFloat(100*share, 'f', 0, 64)
			}
			return s + " %"
		}
	}
}

// plural writes how many there are of something.
func plural[T int | int64](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}
