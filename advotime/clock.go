package advotime

import (
	"cmp"
	"time"
)

const wantClock = "a time of day like 09:30:00"

// Clock is a time of day without a day: uhrzeitVon and uhrzeitBis beside a datum. It is
// written as 09:30:00, with a fraction only if there is one. The zero value is no time,
// which is not midnight; it is written as null, as "" outside of JSON, and as .NET's zero
// if it was read as that.
//
// A text that has a day too is read as the time that stands there, and the day is left
// out. With a zone it is an error, as for [Day], unless the day is the 1st of January in
// the year 1, which is none.
type Clock struct {
	next time.Duration // since midnight, and 1 more
	form form
}

// NewClock returns a time of day. What is beyond midnight goes on as a clock does: 24:00 is
// 00:00, and a minute before it 23:59.
func NewClock(hour, minute, second int) Clock {
	const day = 24 * 60 * 60
	seconds := hour%24*3600 + minute%(24*60)*60 + second%day // of any numbers no more than three days
	return clockOf(time.Duration((seconds%day+day)%day) * time.Second)
}

func clockOf(ofDay time.Duration) Clock { return Clock{next: ofDay + 1} }

// ParseClock reads a text, "" as no time. The error is a [*ParseError].
func ParseClock(text string) (Clock, error) {
	if text == "" {
		return Clock{}, nil
	}
	p, ok := scan(text)
	switch {
	case !ok || !p.clock || p.zone && !p.noDate():
		return Clock{}, malformed(text, wantClock)
	case p.zero():
		return Clock{form: dotnet}, nil
	}
	return clockOf(p.ofDay), nil
}

// SinceMidnight returns the time as what a clock shows beyond 00:00; 0 if there is none.
func (c Clock) SinceMidnight() time.Duration { return max(0, c.next-1) }

// IsZero reports whether there is no time.
func (c Clock) IsZero() bool { return c.next == 0 }

// Equal reports whether both are the same time of day, or none.
func (c Clock) Equal(other Clock) bool { return c.next == other.next }

// Compare is -1 if c is before other, 1 if it is after it, else 0. No time is before all
// others.
func (c Clock) Compare(other Clock) int { return cmp.Compare(c.next, other.next) }

// String returns the time as it is written.
func (c Clock) String() string {
	switch {
	case c.form == dotnet:
		return netZero
	case c.IsZero():
		return ""
	}
	return time.Time{}.Add(c.SinceMidnight()).Format("15:04:05.999999999")
}

// MarshalText implements encoding.TextMarshaler. There is no error.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Clock) UnmarshalText(text []byte) (err error) {
	*c, err = ParseClock(string(text))
	return err
}

// MarshalJSON implements json.Marshaler.
func (c Clock) MarshalJSON() ([]byte, error) { return toJSON(c.String(), nil) }

// UnmarshalJSON implements json.Unmarshaler; null is the zero value.
func (c *Clock) UnmarshalJSON(data []byte) (err error) {
	*c, err = fromJSON(data, wantClock, ParseClock)
	return err
}
