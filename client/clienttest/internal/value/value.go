// Package value is what the API writes in more ways than one: times, flags, times of day,
// amounts. Each is read in any form seen.
package value

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bit is a boolean that is written 0 or 1, BitText one that is "0" or "1" (both seen
// with the vendor's calendar backend). They are read in any form.
type (
	Bit     bool
	BitText bool
)

// MarshalJSON writes a number.
func (b Bit) MarshalJSON() ([]byte, error) {
	if b {
		return []byte("1"), nil
	}
	return []byte("0"), nil
}

// MarshalJSON writes a text.
func (b BitText) MarshalJSON() ([]byte, error) {
	if b {
		return []byte(`"1"`), nil
	}
	return []byte(`"0"`), nil
}

// UnmarshalJSON reads true, 1, "1", their opposites, null and "", which the vendor's
// calendar backend sends for false.
func (b *Bit) UnmarshalJSON(text []byte) error { return readBit(text, (*bool)(b)) }

// UnmarshalJSON is that of a Bit.
func (b *BitText) UnmarshalJSON(text []byte) error { return readBit(text, (*bool)(b)) }

func readBit(text []byte, into *bool) error {
	switch strings.ToLower(strings.Trim(string(text), `"`)) {
	case "1", "true":
		*into = true
	case "0", "false", "", "null":
		*into = false
	default:
		return wrong("flag", *into)
	}
	return nil
}

// Flag is a boolean that is written true or false, and read in any form.
type Flag bool

// UnmarshalJSON is that of a Bit.
func (f *Flag) UnmarshalJSON(text []byte) error { return readBit(text, (*bool)(f)) }

// Clock is a time of day, 15:04:05.
type Clock string

// UnmarshalJSON reads 15:04 and a fraction of a second too.
func (c *Clock) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return wrong("time of day", *c)
	}
	if s == "" {
		*c = ""
		return nil
	}
	t, ok := firstOf([]string{time.TimeOnly, "15:04"}, s)
	if !ok {
		return wrong("time of day", *c)
	}
	*c = ClockOf(t)
	return nil
}

// ClockOf is the time of day of t.
func ClockOf(t time.Time) Clock { return Clock(t.Format(time.TimeOnly)) }

// Euro is an amount in cents that is written in euros with two decimals: 250.00.
type Euro int64

// MarshalJSON writes a number.
func (e Euro) MarshalJSON() ([]byte, error) {
	sign := ""
	if e < 0 {
		sign, e = "-", -e
	}
	return fmt.Appendf(nil, "%s%d.%02d", sign, e/100, e%100), nil
}

// UnmarshalJSON reads a number, or one as a text.
func (e *Euro) UnmarshalJSON(text []byte) error {
	s := strings.Trim(string(text), `"`)
	if s == "" || s == "null" {
		*e = 0
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > 1e12 {
		return wrong("amount", *e)
	}
	*e = Euro(math.Round(f * 100))
	return nil
}
