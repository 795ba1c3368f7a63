package advotime_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the same on each machine

	"github.com/advoware-go/advoware/advotime"
)

// The zone that the package brings along has each change that Go's has, those of the
// wars among them.
func TestOwnZoneIsThatOfGo(t *testing.T) {
	theirs, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	ours, changes, offset := advotime.OwnBerlin(), 0, 0
	for at := time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2050; at = at.Add(time.Hour) {
		name, our := at.In(ours).Zone()
		theirName, their := at.In(theirs).Zone()
		if name != theirName || our != their {
			t.Fatalf("%v: %s %d, want %s %d", at, name, our, theirName, their)
		}
		if our != offset {
			offset = our
			changes++
		}
	}
	if changes < 150 { // two a year since 1980
		t.Errorf("%d changes, want more", changes)
	}
}

// Since 1996 summer time is from the last Sunday of March to that of October, at 01:00 UTC.
func TestOwnZoneKeepsTheRuleOfTheUnion(t *testing.T) {
	ours := advotime.OwnBerlin()
	for year := 1996; year < 2100; year++ {
		for month, offsets := range map[time.Month][2]int{time.March: {3600, 7200}, time.October: {7200, 3600}} {
			last := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
			last = last.AddDate(0, 0, -int(last.Weekday()))
			_, before := last.Add(-time.Second).In(ours).Zone()
			_, after := last.In(ours).Zone()
			if got := [2]int{before, after}; got != offsets {
				t.Errorf("%v: %v, want %v", last, got, offsets)
			}
		}
	}
}
