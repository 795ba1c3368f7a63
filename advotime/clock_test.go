package advotime_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/advoware-go/advoware/advotime"
)

func TestClockReadsAllForms(t *testing.T) {
	for text, want := range map[string]string{
		"09:30":                       "09:30:00",
		"09:30:00":                    "09:30:00",
		"09:30:00.0000000":            "09:30:00",
		"09:30:00.1230000":            "09:30:00.123",
		"00:00:00":                    "00:00:00",
		"23:59:59.999999999":          "23:59:59.9999999",
		"2026-02-10T09:30:00":         "09:30:00",
		"0001-01-01T09:30:00":         "09:30:00",
		"0001-01-01T09:30:00Z":        "09:30:00",
		"1899-12-30T09:30:00":         "09:30:00",
		"":                            "",
		"0001-01-01T00:00:00Z":        "0001-01-01T00:00:00",
		"0001-01-01T00:00:00.0000000": "0001-01-01T00:00:00",
	} {
		got, err := advotime.ParseClock(text)
		if err != nil || got.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
		if again, err := advotime.ParseClock(got.String()); err != nil || again != got {
			t.Errorf("%q is %v after it was written and read: %v", text, again, err)
		}
	}
	for _, text := range []string{"x", "9:30", "09", "0930", "24:00:00", "09:60", "09:30:60", "09:30:00Z", "09:30:00+01:00", "2026-02-10", "2026-02-10T09:30:00Z", "-09:30", "1.09:30:00"} {
		if got, err := advotime.ParseClock(text); err == nil || !got.IsZero() {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// Midnight is a time of day, and none is not midnight.
func TestClockAtMidnight(t *testing.T) {
	var v struct{ Midnight, None, Net advotime.Clock }
	if err := json.Unmarshal([]byte(`{"Midnight":"00:00:00","None":null,"Net":"0001-01-01T00:00:00"}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.Midnight.IsZero() || !v.None.IsZero() || !v.Net.IsZero() || !v.Net.Equal(v.None) || v.None.Compare(v.Midnight) != -1 {
		t.Errorf("%+v", v)
	}
	out, err := json.Marshal(v)
	if want := `{"Midnight":"00:00:00","None":null,"Net":"0001-01-01T00:00:00"}`; err != nil || string(out) != want {
		t.Errorf("%s, %v; want %s", out, err, want)
	}
}

func TestNewClock(t *testing.T) {
	for want, got := range map[string]advotime.Clock{
		"09:30:05": advotime.NewClock(9, 30, 5),
		"00:00:00": advotime.NewClock(24, 0, 0),
		"23:59:00": advotime.NewClock(24, -1, 0),
		"01:01:01": advotime.NewClock(0, 60, 61),
		"23:00:00": advotime.NewClock(-1, 0, 0),
	} {
		if got.String() != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	for _, n := range []int{math.MaxInt, math.MinInt} {
		if of := advotime.NewClock(n, n, n).SinceMidnight(); of < 0 || of >= 24*time.Hour {
			t.Errorf("%d: %v", n, of)
		}
	}
}
