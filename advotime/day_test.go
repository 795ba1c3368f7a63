package advotime_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/advotime"
)

func TestDayReadsAllForms(t *testing.T) {
	for text, want := range map[string]string{
		"2026-02-10":                        "2026-02-10",
		"2026-02-10T00:00:00":               "2026-02-10",
		"2026-02-10T00:00:00.0000000Z":      "2026-02-10",
		"1938-05-01T00:00:00+01:00":         "1938-05-01", // the day that stands there, whatever the zone
		"1938-05-01T00:00:00-05:00":         "1938-05-01",
		"2026-02-10T09:30:00":               "2026-02-10",
		"2024-02-29":                        "2024-02-29",
		"9999-12-31T23:59:59.9999999":       "9999-12-31",
		"0001-01-02":                        "0001-01-02",
		"":                                  "",
		"0001-01-01":                        "0001-01-01T00:00:00",
		"0001-01-01T00:00:00Z":              "0001-01-01T00:00:00",
		"0001-01-01T00:00:00.0000000+01:00": "0001-01-01T00:00:00",
	} {
		got, err := advotime.ParseDay(text)
		if err != nil || got.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
		if again, err := advotime.ParseDay(got.String()); err != nil || again != got {
			t.Errorf("%q is %v after it was written and read: %v", text, again, err)
		}
		if none := want == "" || strings.HasPrefix(want, "0001-01-01"); got.IsZero() != none {
			t.Errorf("%q: IsZero is %v", text, !none)
		}
	}
	for _, text := range []string{"x", "2026-02-29", "2026-02-30", "10:00", "2026-02-10T25:00", "1938-04-30T23:00:00Z", "2026-02-10T00:30:00+01:00", "2026-02-10Z"} {
		if got, err := advotime.ParseDay(text); err == nil || !got.IsZero() || !strings.Contains(err.Error(), "a day like 2026-02-10") {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
}

func TestDayInJSON(t *testing.T) {
	var v struct {
		Birthday, None, Empty, Net advotime.Day
		Left                       advotime.Day `json:",omitzero"`
	}
	if err := json.Unmarshal([]byte(`{"Birthday":"1938-05-01T00:00:00","None":null,"Empty":"","Net":"0001-01-01T00:00:00Z"}`), &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if want := `{"Birthday":"1938-05-01","None":null,"Empty":null,"Net":"0001-01-01T00:00:00"}`; err != nil || string(out) != want {
		t.Errorf("%s, %v; want %s", out, err, want)
	}
}

func TestDayArithmetic(t *testing.T) {
	d := advotime.NewDay(2024, time.February, 28)
	for days, want := range map[int]string{0: "2024-02-28", 1: "2024-02-29", 2: "2024-03-01", 368: "2025-03-02", -59: "2023-12-31"} {
		got := d.AddDays(days)
		if got.String() != want || got.Sub(d) != days || d.Sub(got) != -days {
			t.Errorf("%v and %d days are %v (%d), want %s", d, days, got, got.Sub(d), want)
		}
	}
	first, last := advotime.NewDay(1, 1, 2), advotime.NewDay(9999, 12, 31)
	if n := last.Sub(first); first.AddDays(n) != last || last.AddDays(-n) != first {
		t.Errorf("%d days from %v to %v", n, first, last)
	}
	for _, beyond := range []advotime.Day{
		last.AddDays(1), first.AddDays(-1), d.AddDays(math.MaxInt), d.AddDays(math.MinInt), advotime.Day{}.AddDays(1),
		advotime.NewDay(0, 1, 1), advotime.NewDay(10000, 1, 1), advotime.NewDay(math.MaxInt, 1, 1), advotime.NewDay(2026, 1, math.MinInt), advotime.NewDay(2026, math.MaxInt32, 1),
	} {
		if !beyond.IsZero() {
			t.Errorf("%v is a day", beyond)
		}
	}
	if got := advotime.NewDay(2026, time.February, 30); got.String() != "2026-03-02" {
		t.Errorf("the 30th of February is %v", got)
	}
	if d.Compare(d.AddDays(1)) != -1 || d.Compare(d.AddDays(-400)) != 1 || !d.Equal(d) || d.Equal(advotime.Day{}) || (advotime.Day{}).Compare(d) != -1 || d.Sub(advotime.Day{}) != 0 {
		t.Error("the order is wrong")
	}
	if y, m, date := d.Date(); y != 2024 || m != time.February || date != 28 || d.Weekday() != time.Wednesday {
		t.Errorf("%d %v %d, a %v", y, m, date, d.Weekday())
	}
	_ = advotime.Day{}.Weekday()
}

func TestDayWithATimeOfDay(t *testing.T) {
	clock := func(text string) advotime.Clock {
		c, err := advotime.ParseClock(text)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, tc := range []struct{ day, clock, berlin, utc string }{
		{"2026-07-10", "09:30:00", "2026-07-10T07:30:00Z", "2026-07-10T09:30:00Z"},
		{"2026-03-29", "02:30", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"},
		{"2026-10-25", "02:30", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"},
		{"2026-10-25", "23:59:59.9999999", "2026-10-25T22:59:59.9999999Z", "2026-10-25T23:59:59.9999999Z"},
		{"2026-07-10", "", "2026-07-09T22:00:00Z", "2026-07-10T00:00:00Z"},
		{"", "09:30:00", "", ""},
	} {
		d, err := advotime.ParseDay(tc.day)
		if err != nil {
			t.Fatal(err)
		}
		b, u := d.Berlin(clock(tc.clock)), d.UTC(clock(tc.clock))
		if !b.Time().Equal(utc(t, tc.berlin)) || !u.Time().Equal(utc(t, tc.utc)) {
			t.Errorf("%s %s is %v in Berlin and %v in UTC", tc.day, tc.clock, b.Time().UTC(), u.Time())
		}
		if want := strings.TrimSuffix(tc.day+"T"+tc.clock, "T"); tc.clock != "" && tc.day != "" && !strings.HasPrefix(b.String(), want) {
			t.Errorf("%s %s is written as %s", tc.day, tc.clock, b)
		}
	}
}
