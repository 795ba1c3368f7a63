package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/advoware-go/advoware/advotime"
)

// Appointment has the fields that this program looks at.
type Appointment struct {
	FrNr  int
	RowId string // changes with each write
	Text  string
	Datum advotime.UTC // without a zone it is UTC here, and not Berlin

	DatumBis advotime.UTC // of a series its last day
}

func (a Appointment) String() string {
	return fmt.Sprintf("%d %s %q", a.FrNr, advotime.InBerlin(a.Datum.Time()), a.Text)
}

// window is the time that is looked at, in days.
type window struct{ from, to time.Time }

// has reports whether an appointment is within the window, or reaches into it.
func (w window) has(a Appointment) bool {
	day := func(t time.Time) string { return t.UTC().Format(time.DateOnly) }
	begin, end := day(a.Datum.Time()), day(a.DatumBis.Time())
	return begin <= day(w.to) && max(begin, end) >= day(w.from) // without an end it is of one day
}

// calendars are the appointments of each employee, by their number.
type calendars map[string]map[int]Appointment

// update takes over what was read of one employee, and returns a line for each change.
func (c calendars) update(kuerzel string, list []Appointment, w window) []string {
	before, was := c[kuerzel]
	now := make(map[int]Appointment, len(list))
	var lines []string
	for _, a := range list {
		now[a.FrNr] = a
		switch old, there := before[a.FrNr]; {
		case !was: // the first time nothing is a change
		case !there:
			lines = append(lines, fmt.Sprint("+ ", kuerzel, " ", a))
		case old.RowId != a.RowId || old.String() != a.String(): // an office may have no RowId
			lines = append(lines, fmt.Sprint("~ ", kuerzel, " ", a))
		}
	}
	for _, number := range slices.Sorted(maps.Keys(before)) {
		// What the window has left behind was not deleted.
		if _, there := now[number]; !there && w.has(before[number]) {
			lines = append(lines, fmt.Sprint("- ", kuerzel, " ", before[number]))
		}
	}
	c[kuerzel] = now
	return lines
}
