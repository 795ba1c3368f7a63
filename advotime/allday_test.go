package advotime_test

import (
	"testing"
	"time"

	"github.com/advoware-go/advoware/advotime"
)

func TestAllDay(t *testing.T) {
	for _, day := range []advotime.Day{advotime.NewDay(2026, time.February, 10), advotime.NewDay(2026, time.March, 29), advotime.NewDay(2026, time.October, 25)} {
		for days := range 3 {
			begin, end := advotime.AllDay(day, day.AddDays(days))
			if want := day.String() + "T00:00:00"; begin.String() != want {
				t.Errorf("begins %v, want %s", begin, want)
			}
			if want := day.AddDays(days).String() + "T23:59:00"; end.String() != want {
				t.Errorf("ends %v, want %s", end, want)
			}
			if !advotime.IsAllDay(begin, end) {
				t.Errorf("from %v to %v is all day", begin, end)
			}
		}
	}
	for _, not := range [][2]string{
		{"2026-02-10T00:00:00", "2026-02-10T23:58:59"}, {"2026-02-10T00:00:01", "2026-02-10T23:59:00"}, {"2026-02-10T00:00:00", "2026-02-09T23:59:00"},
		{"2026-02-10T00:00:00", "2026-02-11T00:00:00"}, {"2026-02-10T00:00:00Z", "2026-02-10T23:59:00Z"}, {"", "2026-02-10T23:59:00"}, {"2026-02-10T00:00:00", ""},
	} {
		begin, err1 := advotime.ParseBerlin(not[0])
		end, err2 := advotime.ParseBerlin(not[1])
		if err1 != nil || err2 != nil || advotime.IsAllDay(begin, end) {
			t.Errorf("from %v to %v is not all day", begin, end)
		}
	}
}
