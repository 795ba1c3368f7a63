package advotime

import "time"

const wantBerlin = "a date and time like 2026-02-10T09:30:00, of Berlin if it has no zone"

// Berlin is an instant in a field where a time without a zone means the wall clock of
// Berlin: datum, uhrzeitVon, datumBis and uhrzeitBis of an appointment, geaendertAm. It is
// written as that wall clock: 2026-02-10T09:30:00. The zero value is no date; it is
// written as null, as "" outside of JSON, and as .NET's zero if it was read as that.
//
// On the last Sunday of October the hour from 02:00 to 03:00 comes twice. A text without a
// zone means the first of the two, in summer time. An instant of the second one is written
// with its zone, 2026-10-25T02:30:00+01:00, the only case in which one is, because without
// it an hour would be lost.
//
// On the last Sunday of March the hour from 02:00 to 03:00 is left out. A text that names
// a time in it means the instant at which it would have been, had the clock not been put
// forward: 02:30 is the instant that clocks show as 03:30. It is written again as it was
// read, 02:30, so that a record that is read and sent back stays as it is. Both are the
// rules that RFC 5545 has for appointments.
type Berlin struct{ i instant }

// InBerlin returns t, to 100 ns. The zero time.Time is no date.
func InBerlin(t time.Time) Berlin { return Berlin{at(t, berlin())} }

// ParseBerlin reads a text, "" as no date. The error is a [*ParseError].
func ParseBerlin(text string) (Berlin, error) {
	i, err := parse(text, wantBerlin, berlin())
	return Berlin{i}, err
}

// Time returns the instant, in the zone of Berlin; the zero time.Time if there is no date.
func (b Berlin) Time() time.Time { return b.i.t }

// IsZero reports whether there is no date.
func (b Berlin) IsZero() bool { return b.i.t.IsZero() }

// Equal reports whether both are the same instant, or no date.
func (b Berlin) Equal(other Berlin) bool { return b.i.t.Equal(other.i.t) }

// Compare is -1 if b is before other, 1 if it is after it, else 0.
func (b Berlin) Compare(other Berlin) int { return b.i.t.Compare(other.i.t) }

// Day returns the day in Berlin. Together with Clock it is what [Day.Berlin] made the instant
// of, or would; it does not tell the second of the two hours in October from the first.
func (b Berlin) Day() Day { return b.i.day() }

// Clock returns what the clocks of Berlin show, or what was read of the hour that is left
// out in March.
func (b Berlin) Clock() Clock { return b.i.clock() }

// AddDays returns the instant so many days later, or earlier, at which the clocks of Berlin
// show the same, where 24 hours a day would be wrong by one when the clock is changed
// between.
func (b Berlin) AddDays(days int) Berlin {
	if days == 0 {
		return b
	}
	return b.Day().AddDays(days).Berlin(b.Clock())
}

// String returns the instant as it is written, for a query for one.
func (b Berlin) String() string { return b.i.show() }

// MarshalText implements encoding.TextMarshaler. The error is a [*RangeError].
func (b Berlin) MarshalText() ([]byte, error) {
	text, err := b.i.text()
	return []byte(text), err
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Berlin) UnmarshalText(text []byte) (err error) {
	*b, err = ParseBerlin(string(text))
	return err
}

// MarshalJSON implements json.Marshaler.
func (b Berlin) MarshalJSON() ([]byte, error) { return toJSON(b.i.text()) }

// UnmarshalJSON implements json.Unmarshaler. Unlike most, it makes null the zero value:
// that says that there is no date.
func (b *Berlin) UnmarshalJSON(data []byte) (err error) {
	*b, err = fromJSON(data, wantBerlin, ParseBerlin)
	return err
}
