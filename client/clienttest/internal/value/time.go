package value

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// The API writes one instant in many ways: 0 to 7 digits of a second, with Z or without
// a zone (seen). What no zone means depends on the member: UTC on ActiveSync, the time
// of Berlin elsewhere (seen with a middleware of customers). 0001-01-01T00:00:00Z is
// no date (seen with the vendor's calendar backend).

// UTC is a time on ActiveSync.
type UTC struct{ time.Time }

// UTCChange is the time of a change on ActiveSync. The vendor's calendar backend cannot
// read one that has neither a fraction nor Z, so that it always has one of them.
type UTCChange struct{ time.Time }

// Berlin is a time anywhere else.
type Berlin struct{ time.Time }

// Day is a day in Berlin, with the time of day apart or none: midnight there, and
// never with Z, so that the first ten characters are the day (inferred).
type Day struct{ time.Time }

const noDate = "0001-01-01T00:00:00Z"

// MarshalJSON writes the instant in the form that it has by chance, always the same.
func (t UTC) MarshalJSON() ([]byte, error) {
	digits, zone := form(t.Time)
	return written(t.Time, time.UTC, digits, zone)
}

// MarshalJSON is that of a UTC, but for a form that clients cannot read.
func (t UTCChange) MarshalJSON() ([]byte, error) {
	digits, zone := form(t.Time)
	return written(t.Time, time.UTC, digits, zone || digits == 0)
}

// MarshalJSON writes the time of Berlin, or UTC with Z.
func (t Berlin) MarshalJSON() ([]byte, error) {
	digits, zone := form(t.Time)
	return written(t.Time, Zone(t.Time), digits, zone)
}

// MarshalJSON writes midnight in Berlin.
func (t Day) MarshalJSON() ([]byte, error) {
	digits, _ := form(t.Time)
	return written(t.Time, Zone(t.Time), digits, false)
}

// UnmarshalJSON reads all forms seen, with offsets too.
func (t *UTC) UnmarshalJSON(text []byte) error { return unmarshal(text, &t.Time, InUTC) }

// UnmarshalJSON is that of a UTC.
func (t *UTCChange) UnmarshalJSON(text []byte) error { return unmarshal(text, &t.Time, InUTC) }

// UnmarshalJSON reads all forms seen, with offsets too.
func (t *Berlin) UnmarshalJSON(text []byte) error { return unmarshal(text, &t.Time, InBerlin) }

// UnmarshalJSON reads a day, or any time of it.
func (t *Day) UnmarshalJSON(text []byte) error {
	err := unmarshal(text, &t.Time, InBerlin)
	if err == nil && !t.IsZero() {
		y, m, d := t.In(Zone(t.Time)).Date()
		t.Time = InBerlin(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
	}
	return err
}

// form picks digits and zone of an instant.
func form(t time.Time) (digits int, zone bool) {
	mixed := uint64(t.Unix()/60) * 0x9e3779b97f4a7c15 >> 40
	return int(mixed % 8), mixed/8%2 == 0
}

func written(t time.Time, loc *time.Location, digits int, zone bool) ([]byte, error) {
	if t.IsZero() {
		return []byte(`"` + noDate + `"`), nil
	}
	if zone || t.In(loc).Year() > 9999 { // a year has four digits
		loc, zone = time.UTC, true
	}
	text := t.In(loc).Format("2006-01-02T15:04:05.0000000")
	// No digit that says something is left out.
	head, fraction, _ := strings.Cut(text, ".")
	fraction = fraction[:max(digits, len(strings.TrimRight(fraction, "0")))]
	if fraction != "" {
		head += "." + fraction
	}
	if zone {
		head += "Z"
	}
	return []byte(`"` + head + `"`), nil
}

func unmarshal(text []byte, into *time.Time, zoneless func(time.Time) time.Time) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return wrong("time", *into)
	}
	t, ok := Parse(s, zoneless)
	if !ok {
		return wrong("time", *into)
	}
	*into = t
	return nil
}

// wrong is an error to which encoding/json adds the name of the member.
func wrong(what string, into any) error {
	return &json.UnmarshalTypeError{Value: what, Type: reflect.TypeOf(into)}
}

var withZone = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00"}
var withoutZone = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly}

// Parse reads a time. The empty text and .NET's first day are no date.
func Parse(text string, zoneless func(time.Time) time.Time) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	t, ok := firstOf(withZone, text)
	if !ok {
		if t, ok = firstOf(withoutZone, text); ok && t.Year() > 1 {
			t = zoneless(t)
		}
	}
	t = t.UTC()
	if !ok || t.Year() > 9999 {
		return time.Time{}, false
	}
	if t.Year() <= 1 {
		return time.Time{}, true
	}
	return t.Truncate(100 * time.Nanosecond), true // .NET's resolution
}

func firstOf(layouts []string, text string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// InUTC reads a time without a zone as UTC, for Parse.
func InUTC(shown time.Time) time.Time { return shown }

// InBerlin returns the instant at which the clocks of Berlin show what shown is in
// UTC: the first one in the hour that comes twice, an hour later in the one that is
// left out.
func InBerlin(shown time.Time) time.Time {
	if t := shown.Add(-2 * time.Hour); isSummer(t) {
		return t
	}
	return shown.Add(-time.Hour)
}

var (
	winter = time.FixedZone("CET", 3600)
	summer = time.FixedZone("CEST", 2*3600)
)

// Zone is the zone of an instant, by the rule of the European Union since 1996: a
// machine without a database of zones has the same offices.
func Zone(t time.Time) *time.Location {
	if isSummer(t) {
		return summer
	}
	return winter
}

func isSummer(t time.Time) bool {
	year := t.UTC().Year()
	return !t.Before(lastSunday(year, time.March)) && t.Before(lastSunday(year, time.October))
}

// lastSunday is 01:00 UTC of it.
func lastSunday(year int, month time.Month) time.Time {
	t := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC) // both have 31 days
	return t.AddDate(0, 0, -int(t.Weekday()))
}
