package advotime

import "time"

// tick is the step in which .NET counts time.
const tick = 100 * time.Nanosecond

// layout is what the API takes: without a zone, with seconds, with a fraction only if
// there is one.
const layout = "2006-01-02T15:04:05.999999999"

// netZero is how .NET writes no date.
const netZero = "0001-01-01T00:00:00"

// form is what a text that was read said beyond the instant, and what is written again
// for that reason: a PUT replaces a record, and has to send what it did not change as it
// was.
type form uint8

const (
	plain   form = iota
	dotnet       // no date, as .NET writes it
	skipped      // a wall clock that was never shown
)

// instant is what Berlin and UTC have in common; its time is in their zone.
type instant struct {
	t    time.Time
	form form
}

// at is t in a zone, as far as the API tells instants apart.
func at(t time.Time, in *time.Location) instant {
	if t.IsZero() {
		return instant{}
	}
	return instant{t: t.Truncate(tick).In(in)}
}

// The first and the last instant. What lies before is no date, or one that becomes the
// zero of .NET in one zone or another.
var (
	first = time.Date(1, 1, 3, 0, 0, 0, 0, time.UTC)
	last  = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-1)
)

func inRange(t time.Time) bool { return !t.Before(first) && !t.After(last) }

// parse reads an instant; what has no zone means the wall clock of in.
func parse(text, want string, in *time.Location) (instant, error) {
	if text == "" {
		return instant{}, nil
	}
	p, ok := scan(text)
	switch {
	case !ok || !p.day:
		return instant{}, malformed(text, want)
	case p.zero():
		return instant{form: dotnet}, nil
	}
	var i instant
	if p.zone {
		i = at(p.wall().Add(-p.east), in)
	} else {
		i = fromWall(p.wall(), in)
	}
	if !inRange(i.t) {
		return instant{}, malformed(text, want)
	}
	return i, nil
}

// fromWall returns the instant at which a clock in the zone shows what wall shows in UTC:
// the first of two, and of none that which it would be had the clock not been put
// forward. So says RFC 5545, 3.3.5, of appointments.
func fromWall(wall time.Time, in *time.Location) instant {
	before := wall.Add(-offset(wall.Add(-24*time.Hour), in)).In(in)
	if sameWall(before, wall) {
		return instant{t: before}
	}
	after := wall.Add(-offset(wall.Add(24*time.Hour), in)).In(in)
	if sameWall(after, wall) {
		return instant{t: after}
	}
	return instant{t: before, form: skipped}
}

// offset returns how far the zone is east of UTC at an instant.
func offset(t time.Time, in *time.Location) time.Duration {
	_, seconds := t.In(in).Zone()
	return time.Duration(seconds) * time.Second
}

func sameWall(t, wall time.Time) bool { return wallOf(t).Equal(wall) }

// wallOf returns what a clock shows at t, in the zone of t, as if that were UTC.
func wallOf(t time.Time) time.Time { return t.UTC().Add(offset(t, t.Location())) }

// text is what is written: what reads as the same instant.
func (i instant) text() (string, error) {
	switch {
	case i.form == dotnet:
		return netZero, nil
	case i.t.IsZero():
		return "", nil
	case !inRange(i.t):
		return "", &RangeError{Text: i.t.Format(time.RFC3339)}
	}
	switch wall := i.wall(); {
	case wall.Year() > 9999: // in this zone
		return i.t.UTC().Format(layout + "Z"), nil
	case !fromWall(wall, i.t.Location()).t.Equal(i.t): // the second of two
		return i.t.Format(layout + "-07:00"), nil
	default:
		return wall.Format(layout), nil
	}
}

// wall returns what a clock shows, or what was read that no clock has shown, as if it were
// UTC.
func (i instant) wall() time.Time {
	if i.form == skipped { // the offset before the clock was put forward
		return i.t.UTC().Add(offset(i.t.Add(-24*time.Hour), i.t.Location()))
	}
	return wallOf(i.t)
}

// show is text for a person.
func (i instant) show() string {
	text, err := i.text()
	if err != nil {
		return i.t.Format(time.RFC3339Nano)
	}
	return text
}

func (i instant) day() Day {
	if i.t.IsZero() {
		return Day{}
	}
	return NewDay(i.wall().Date())
}

func (i instant) clock() Clock {
	if i.t.IsZero() {
		return Clock{}
	}
	wall := i.wall()
	return clockOf(wall.Sub(wall.Truncate(24 * time.Hour)))
}
