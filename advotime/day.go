package advotime

import (
	"cmp"
	"fmt"
	"time"
)

const wantDay = "a day like 2026-02-10"

// Day is a day of the calendar: a birthday, a deadline, the datum of an appointment whose
// time is in a field of its own. It has no zone, and none moves it. It is written as
// 2026-02-10; the zero value is no day, written as null, as "" outside of JSON, and as
// .NET's zero if it was read as that.
//
// A text that has a time of day too is read as the day that stands there, and the time is
// left out; where it matters the field is a [Berlin] or a [UTC]. One with a time other
// than midnight and a zone is an error: it is an instant, and on which day that is depends
// on where.
type Day struct {
	year        uint16
	month, date uint8
	form        form
}

// NewDay returns a day. Like time.Date it takes the 30th of February for the 1st or 2nd of
// March. In a year that is not one of 1 to 9999, and on the first of January in the year 1,
// there is no day.
func NewDay(year int, month time.Month, date int) Day {
	const most = 1 << 24 // days and months, well beyond what comes to a year that counts
	if max(year, int(month), date) > most || min(year, int(month), date) < -most {
		return Day{}
	}
	return dayOf(time.Date(year, month, date, 0, 0, 0, 0, time.UTC))
}

func dayOf(t time.Time) Day {
	year, month, date := t.Date()
	if year < 1 || year > 9999 || year == 1 && month == 1 && date == 1 {
		return Day{}
	}
	return Day{year: uint16(year), month: uint8(month), date: uint8(date)}
}

// ParseDay reads a text, "" as no day. The error is a [*ParseError].
func ParseDay(text string) (Day, error) {
	if text == "" {
		return Day{}, nil
	}
	p, ok := scan(text)
	switch {
	case !ok || !p.day:
		return Day{}, malformed(text, wantDay)
	case p.noDate():
		return Day{form: dotnet}, nil
	case p.zone && p.ofDay != 0:
		return Day{}, malformed(text, wantDay+": with a zone it is an instant, which a Berlin or a UTC reads, and its Day is the day there")
	}
	return NewDay(p.year, p.month, p.date), nil
}

// Date returns year, month and day of the month; zeros if there is no day.
func (d Day) Date() (year int, month time.Month, date int) {
	return int(d.year), time.Month(d.month), int(d.date)
}

// IsZero reports whether there is no day.
func (d Day) IsZero() bool { return d.year == 0 }

// Equal reports whether both are the same day, or no day.
func (d Day) Equal(other Day) bool { return d.Compare(other) == 0 }

// Compare is -1 if d is before other, 1 if it is after it, else 0. No day is before all
// others.
func (d Day) Compare(other Day) int {
	return cmp.Or(cmp.Compare(d.year, other.year), cmp.Compare(d.month, other.month), cmp.Compare(d.date, other.date))
}

// Weekday returns the day of the week; Sunday if there is no day.
func (d Day) Weekday() time.Weekday {
	if d.IsZero() {
		return time.Sunday
	}
	return d.midnight().Weekday()
}

// AddDays returns the day so many days later, or earlier. Of no day that is none.
func (d Day) AddDays(days int) Day {
	if d.IsZero() {
		return Day{}
	}
	return NewDay(int(d.year), time.Month(d.month), addDays(int(d.date), days))
}

// addDays is a sum that does not overflow.
func addDays(a, b int) int {
	if sum := a + b; (sum > a) == (b > 0) {
		return sum
	}
	return b // far beyond all years anyway
}

// Sub returns how many days other is before d. Where either is no day it is 0.
func (d Day) Sub(other Day) int {
	if d.IsZero() || other.IsZero() {
		return 0
	}
	const day = 24 * 60 * 60
	return int((d.midnight().Unix() - other.midnight().Unix()) / day)
}

// midnight is the beginning of the day in UTC.
func (d Day) midnight() time.Time {
	return time.Date(int(d.year), time.Month(d.month), int(d.date), 0, 0, 0, 0, time.UTC)
}

// Berlin returns the instant at which the clocks of Berlin show c on the day; for none,
// and for two, see [Berlin]. If there is no day there is no date; no Clock is midnight.
func (d Day) Berlin(c Clock) Berlin {
	if d.IsZero() {
		return Berlin{}
	}
	return Berlin{fromWall(d.midnight().Add(c.SinceMidnight()), berlin())}
}

// UTC is Berlin for UTC.
func (d Day) UTC(c Clock) UTC {
	if d.IsZero() {
		return UTC{}
	}
	return InUTC(d.midnight().Add(c.SinceMidnight()))
}

// String returns the day as it is written.
func (d Day) String() string {
	switch {
	case d.form == dotnet:
		return netZero
	case d.IsZero():
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.date)
}

// MarshalText implements encoding.TextMarshaler. There is no error.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Day) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDay(string(text))
	return err
}

// MarshalJSON implements json.Marshaler.
func (d Day) MarshalJSON() ([]byte, error) { return toJSON(d.String(), nil) }

// UnmarshalJSON implements json.Unmarshaler; null is the zero value.
func (d *Day) UnmarshalJSON(data []byte) (err error) {
	*d, err = fromJSON(data, wantDay, ParseDay)
	return err
}
