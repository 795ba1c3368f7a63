package value_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

func TestTimesAreReadInAllForms(t *testing.T) {
	for text, want := range map[string][2]string{ // as UTC, as Berlin; "" is no date
		"":                                  {"", ""},
		"0001-01-01T00:00:00Z":              {"", ""},
		"0001-01-01T00:00:00":               {"", ""},
		"2026-02-10":                        {"2026-02-10T00:00:00Z", "2026-02-09T23:00:00Z"},
		"2026-07-10T09:00:00":               {"2026-07-10T09:00:00Z", "2026-07-10T07:00:00Z"},
		"2026-07-10T09:00":                  {"2026-07-10T09:00:00Z", "2026-07-10T07:00:00Z"},
		"2026-02-10T09:00:00.1234567":       {"2026-02-10T09:00:00.1234567Z", "2026-02-10T08:00:00.1234567Z"},
		"2026-02-10T09:00:00.123456789Z":    {"2026-02-10T09:00:00.1234567Z", "2026-02-10T09:00:00.1234567Z"},
		"2026-02-10T09:00:00+0000":          {"2026-02-10T09:00:00Z", "2026-02-10T09:00:00Z"},
		"2026-02-10T09:00:00+01:00":         {"2026-02-10T08:00:00Z", "2026-02-10T08:00:00Z"},
		"2026-03-29T01:59:59":               {"2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"},
		"2026-03-29T02:30:00":               {"2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"}, // left out: shown as 03:30
		"2026-03-29T03:00:00":               {"2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"},
		"2026-10-25T02:30:00":               {"2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"}, // twice: the first
		"2026-10-25T03:00:00":               {"2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"},
		"10.02.2026":                        {"wrong", "wrong"},
		"2026-02-30":                        {"wrong", "wrong"},
		"morgen":                            {"wrong", "wrong"},
		"9999-12-31T23:59:59.9999999":       {"9999-12-31T23:59:59.9999999Z", "9999-12-31T22:59:59.9999999Z"},
		"9999-12-31T23:59:59-01:00":         {"wrong", "wrong"},
		"0000-01-01":                        {"", ""},
		"2026-02-10T25:00:00":               {"wrong", "wrong"},
		"2026-02-10 09:00:00; DROP TABLE x": {"wrong", "wrong"},
	} {
		for i, zoneless := range []func(time.Time) time.Time{value.InUTC, value.InBerlin} {
			at, ok := value.Parse(text, zoneless)
			got := "wrong"
			if ok && at.IsZero() {
				got = ""
			} else if ok {
				got = at.UTC().Format(time.RFC3339Nano)
			}
			if got != want[i] {
				t.Errorf("%q: %q, want %q", text, got, want[i])
			}
		}
	}
}

// Zone and InBerlin are compared with the database of zones, where there is one.
func TestBerlin(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("there is no database of zones to compare with: %v", err)
	}
	for at := time.Date(1997, 1, 1, 0, 15, 0, 0, time.UTC); at.Year() < 2037; at = at.Add(59 * time.Minute) {
		if at.Month() != time.March && at.Month() != time.October || at.Day() < 24 {
			at = at.Add(7 * time.Hour) // the clocks change at the end of these two
		}
		got, want := at.In(value.Zone(at)).Format(time.RFC3339), at.In(berlin).Format(time.RFC3339)
		if got != want {
			t.Fatalf("%v: %s, want %s", at, got, want)
		}
		shown := at.In(berlin)
		clock := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), 0, 0, time.UTC)
		if back := value.InBerlin(clock); back != at && back != at.Add(-time.Hour) || back.In(berlin).Hour() != shown.Hour() {
			t.Fatalf("%v: back to %v", at, back)
		}
	}
}

func TestTimesSurviveARoundTrip(t *testing.T) {
	for at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2027; at = at.Add(13*time.Hour + 7*time.Minute + 1234567*100) {
		var utc value.UTC
		var change value.UTCChange
		var berlin value.Berlin
		for _, v := range []any{&utc, &change, &berlin} {
			text, _ := json.Marshal(map[string]any{"UTC": value.UTC{Time: at}, "UTCChange": value.UTCChange{Time: at}, "Berlin": value.Berlin{Time: at}}[nameOf(v)])
			if err := json.Unmarshal(text, v); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		twice := at.In(value.Zone(at)).Hour() == 2 && at.Month() == time.October
		if utc.Time != at || change.Time != at || berlin.Time != at && !twice {
			t.Fatalf("%v: %v, %v, %v", at, utc, change, berlin)
		}
	}
}

func TestLastDayIsWritten(t *testing.T) {
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999900, time.UTC)
	for _, v := range []any{value.UTC{Time: last}, value.Berlin{Time: last}, value.Day{Time: last}} {
		text, err := json.Marshal(v)
		if err != nil || len(text) < 21 || string(text[1:5]) != "9999" {
			t.Errorf("%T: %s %v", v, text, err)
		}
	}
}

func nameOf(v any) string {
	switch v.(type) {
	case *value.UTC:
		return "UTC"
	case *value.UTCChange:
		return "UTCChange"
	}
	return "Berlin"
}

func TestDaysAreWrittenAsMidnightInBerlin(t *testing.T) {
	for text, want := range map[string]string{
		`"2026-09-02"`: "2026-09-02", `"2026-09-02T17:30:00"`: "2026-09-02", `"2026-09-01T23:00:00Z"`: "2026-09-02",
		`"2026-03-29"`: "2026-03-29", `"2026-10-25"`: "2026-10-25", `""`: "0001-01-01", `null`: "0001-01-01",
	} {
		var d value.Day
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, _ := json.Marshal(d)
		if string(got[1:20]) != want+"T00:00:00" || want != "0001-01-01" && got[len(got)-2] == 'Z' {
			t.Errorf("%s: %s", text, got)
		}
	}
}
