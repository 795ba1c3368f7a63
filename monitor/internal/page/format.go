package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// instant is a time that the script writes in the zone of the viewer; without it, it is UTC.
type instant struct{ time.Time }

// ISO returns it for programs.
func (i instant) ISO() string { return i.UTC().Format(time.RFC3339) }

// Clock returns it for people.
func (i instant) Clock() string { return i.UTC().Format("15:04 UTC") }

// span writes how long something lasts, in its two largest units at most.
func span(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 24*time.Hour:
		h, m := int(d.Hours()), int(d.Minutes())%60
		if m == 0 {
			return fmt.Sprintf("%d h", h)
		}
		return fmt.Sprintf("%d h %d min", h, m)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// took writes how long a request took, in three digits.
func took(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < time.Millisecond:
		return strconv.Itoa(int(d.Microseconds())) + " µs"
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(d.Seconds()*1e3, 'f', 1, 64) + " ms"
	case d < time.Second:
		return strconv.Itoa(int(d.Milliseconds())) + " ms"
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return strconv.Itoa(int(d.Seconds())) + " s"
}

// number writes a count with a thin space between thousands.
func number[N uint64 | int](n N) string {
	digits := strconv.FormatUint(uint64(n), 10)
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteRune('\u202f')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// rate writes a hit rate. One that is not whole is not rounded to 100 %.
func rate(hits, lookups uint64) string {
	if lookups == 0 {
		return "–"
	}
	r := float64(hits) / float64(lookups) * 100
	if hits < lookups {
		r = min(r, 99.99)
	}
	return strings.TrimSuffix(strings.TrimSuffix(strconv.FormatFloat(r, 'f', 2, 64), "0"), ".0") + " %"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}
