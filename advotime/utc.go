package advotime

import "time"

const wantUTC = "a date and time like 2026-02-10T08:30:00, of UTC if it has no zone"

// UTC is an instant in a field where a time without a zone means UTC, as on the ActiveSync
// paths. It is written without a zone too: 2026-02-10T08:30:00. The zero value is no date;
// it is written as null, as "" outside of JSON, and as .NET's zero if it was read as that.
type UTC struct{ i instant }

// InUTC returns t, to 100 ns. The zero time.Time is no date.
func InUTC(t time.Time) UTC { return UTC{at(t, time.UTC)} }

// ParseUTC reads a text, "" as no date. The error is a [*ParseError].
func ParseUTC(text string) (UTC, error) {
	i, err := parse(text, wantUTC, time.UTC)
	return UTC{i}, err
}

// Time returns the instant in UTC; the zero time.Time if there is no date.
func (u UTC) Time() time.Time { return u.i.t }

// IsZero reports whether there is no date.
func (u UTC) IsZero() bool { return u.i.t.IsZero() }

// Equal reports whether both are the same instant, or no date.
func (u UTC) Equal(other UTC) bool { return u.i.t.Equal(other.i.t) }

// Compare is -1 if u is before other, 1 if it is after it, else 0.
func (u UTC) Compare(other UTC) int { return u.i.t.Compare(other.i.t) }

// Day returns the day in UTC, which is not always that of Berlin.
func (u UTC) Day() Day { return u.i.day() }

// Clock returns the time of day in UTC.
func (u UTC) Clock() Clock { return u.i.clock() }

// String returns the instant as it is written, for a query for one.
func (u UTC) String() string { return u.i.show() }

// MarshalText implements encoding.TextMarshaler. The error is a [*RangeError].
func (u UTC) MarshalText() ([]byte, error) {
	text, err := u.i.text()
	return []byte(text), err
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *UTC) UnmarshalText(text []byte) (err error) {
	*u, err = ParseUTC(string(text))
	return err
}

// MarshalJSON implements json.Marshaler.
func (u UTC) MarshalJSON() ([]byte, error) { return toJSON(u.i.text()) }

// UnmarshalJSON implements json.Unmarshaler; null is the zero value.
func (u *UTC) UnmarshalJSON(data []byte) (err error) {
	*u, err = fromJSON(data, wantUTC, ParseUTC)
	return err
}
