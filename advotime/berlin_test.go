package advotime_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/advotime"
)

// utc is the instant that a text in RFC 3339 names, the zero time for "".
func utc(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestBerlinReadsAllForms(t *testing.T) {
	for _, tc := range []struct{ text, instant, written string }{
		{"2026-02-10T09:30:00", "2026-02-10T08:30:00Z", "2026-02-10T09:30:00"},
		{"2026-07-10T09:30:00", "2026-07-10T07:30:00Z", "2026-07-10T09:30:00"},
		{"2026-02-10T09:30:00Z", "2026-02-10T09:30:00Z", "2026-02-10T10:30:00"},
		{"2026-02-10T09:30:00+00:00", "2026-02-10T09:30:00Z", "2026-02-10T10:30:00"},
		{"2026-02-07T09:23:49+0000", "2026-02-07T09:23:49Z", "2026-02-07T10:23:49"},
		{"2026-02-10T09:30:00-00:00", "2026-02-10T09:30:00Z", "2026-02-10T10:30:00"},
		{"2026-02-10T09:30:00+01:00", "2026-02-10T08:30:00Z", "2026-02-10T09:30:00"},
		{"2026-02-10T09:30:00+01", "2026-02-10T08:30:00Z", "2026-02-10T09:30:00"},
		{"2026-02-10T00:30:00-10:30", "2026-02-10T11:00:00Z", "2026-02-10T12:00:00"},
		{"2026-02-10t09:30:00z", "2026-02-10T09:30:00Z", "2026-02-10T10:30:00"},
		{"2026-02-10 09:30:00", "2026-02-10T08:30:00Z", "2026-02-10T09:30:00"},
		{"2026-02-10T09:30", "2026-02-10T08:30:00Z", "2026-02-10T09:30:00"},
		{"2026-02-10", "2026-02-09T23:00:00Z", "2026-02-10T00:00:00"},
		{"2026-02-10T09:30:00.0", "2026-02-10T08:30:00Z", "2026-02-10T09:30:00"},
		{"2026-02-10T09:30:00.5", "2026-02-10T08:30:00.5Z", "2026-02-10T09:30:00.5"},
		{"2026-02-10T09:30:00.12", "2026-02-10T08:30:00.12Z", "2026-02-10T09:30:00.12"},
		{"2026-02-10T09:30:00.123", "2026-02-10T08:30:00.123Z", "2026-02-10T09:30:00.123"},
		{"2026-02-10T09:30:00.1234Z", "2026-02-10T09:30:00.1234Z", "2026-02-10T10:30:00.1234"},
		{"2026-02-10T09:30:00.12345", "2026-02-10T08:30:00.12345Z", "2026-02-10T09:30:00.12345"},
		{"2026-02-10T09:30:00.123456", "2026-02-10T08:30:00.123456Z", "2026-02-10T09:30:00.123456"},
		{"2026-02-10T09:30:00.1234567", "2026-02-10T08:30:00.1234567Z", "2026-02-10T09:30:00.1234567"},
		{"2026-02-10T09:30:00.12345678", "2026-02-10T08:30:00.1234567Z", "2026-02-10T09:30:00.1234567"},
		{"2026-02-10T09:30:00.123456789+01:00", "2026-02-10T08:30:00.1234567Z", "2026-02-10T09:30:00.1234567"},
		{"1966-05-01T12:00:00", "1966-05-01T11:00:00Z", "1966-05-01T12:00:00"}, // no summer time
		{"1947-06-01T12:00:00", "1947-06-01T09:00:00Z", "1947-06-01T12:00:00"}, // twice summer time
		{"1890-01-01T12:00:00", "1890-01-01T11:06:32Z", "1890-01-01T12:00:00"}, // Berlin's own time
		{"9999-12-31T23:59:59.9999999", "9999-12-31T22:59:59.9999999Z", "9999-12-31T23:59:59.9999999"},
		{"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},

		{"", "", ""},
		{"0001-01-01T00:00:00Z", "", "0001-01-01T00:00:00"},
		{"0001-01-01T00:00:00", "", "0001-01-01T00:00:00"},
		{"0001-01-01T00:00:00.0000000", "", "0001-01-01T00:00:00"},
		{"0001-01-01T00:00:00.0000000+01:00", "", "0001-01-01T00:00:00"},
		{"0001-01-01", "", "0001-01-01T00:00:00"},
	} {
		got, err := advotime.ParseBerlin(tc.text)
		if err != nil {
			t.Errorf("%q: %v", tc.text, err)
			continue
		}
		if want := utc(t, tc.instant); !got.Time().Equal(want) || got.IsZero() != want.IsZero() {
			t.Errorf("%q: %v, want %v", tc.text, got.Time().UTC(), want)
		}
		if got.String() != tc.written {
			t.Errorf("%q is written as %q, want %q", tc.text, got, tc.written)
		}
		again, err := advotime.ParseBerlin(got.String())
		if err != nil || !again.Equal(got) {
			t.Errorf("%q is %v after it was written and read: %v", tc.text, again.Time(), err)
		}
	}
}

func TestBerlinRefusesWhatIsNoInstant(t *testing.T) {
	for _, text := range []string{
		" ", "x", "2026", "2026-02", "2026-2-10", "2026-13-01", "2026-00-10", "2026-02-00", "2026-02-29", "2026-02-30T10:00:00",
		"20260210", "26-02-10", "02026-02-10", "+2026-02-10", "-026-02-10", "0000-01-01", "10000-01-01", "10.02.2026", "2026/02/10",
		"10:00:00", "2026-02-10T", "2026-02-10T9:30", "2026-02-10T09", "2026-02-10T0930", "2026-02-10T24:00:00", "2026-02-10T09:60", "2026-02-10T09:30:60",
		"2026-02-10T09:30:00.", "2026-02-10T09:30:00.Z", "2026-02-10T09:30:00.1234567890", "2026-02-10T09:30:00,5", "2026-02-10T09:30.5",
		"2026-02-10T09:30:00 0000", "2026-02-10T09:30:00+1", "2026-02-10T09:30:00+01:", "2026-02-10T09:30:00+24:00", "2026-02-10T09:30:00+01:60",
		"2026-02-10T09:30:00+01:00:00", "2026-02-10T09:30:00ZZ", "2026-02-10Z", "2026-02-10+01:00", "2026-02-10T09:30:00 ", " 2026-02-10", "2026-02-10\n",
		"0001-01-01T09:30:00", "0001-01-01T00:00:01Z", "9999-12-31T23:59:59-01:00", "٢٠٢٦-02-10", "/Date(1770715800000)/", strings.Repeat("9", 1<<20),
	} {
		got, err := advotime.ParseBerlin(text)
		var parse *advotime.ParseError
		if !errors.As(err, &parse) || !got.IsZero() {
			t.Errorf("%.50q: %v, %v; want a ParseError", text, got, err)
			continue
		}
		if msg := err.Error(); !strings.Contains(msg, "2026-02-10T09:30:00") || len(parse.Text) > 48 || len(msg) > 400 {
			t.Errorf("%.50q: the message is %q", text, msg)
		}
	}
}

// A record that is read and sent back stays as it is, also in the night that has no such
// hour, and in the one that has it twice.
func TestBerlinThroughTheChangesOfTheClock(t *testing.T) {
	for _, tc := range []struct{ text, instant, written string }{
		// The clock is put forward from 02:00 to 03:00.
		{"2026-03-29T01:59:59", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59"},
		{"2026-03-29T02:00:00", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00"},
		{"2026-03-29T02:30:00", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00"},
		{"2026-03-29T02:59:59.9999999", "2026-03-29T01:59:59.9999999Z", "2026-03-29T02:59:59.9999999"},
		{"2026-03-29T03:00:00", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00"},
		{"2026-03-29T03:30:00", "2026-03-29T01:30:00Z", "2026-03-29T03:30:00"},
		{"2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T03:30:00"},
		{"2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z", "2026-03-29T03:30:00"},
		// The clock is put back from 03:00 to 02:00.
		{"2026-10-25T01:59:59", "2026-10-24T23:59:59Z", "2026-10-25T01:59:59"},
		{"2026-10-25T02:00:00", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00"},
		{"2026-10-25T02:30:00", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00"},
		{"2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00"},
		{"2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00"},
		{"2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"},
		{"2026-10-25T01:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00+01:00"},
		{"2026-10-25T01:59:59.9999999Z", "2026-10-25T01:59:59.9999999Z", "2026-10-25T02:59:59.9999999+01:00"},
		{"2026-10-25T03:00:00", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00"},
		// Before midnight, in 1916, and to Central European Time, in 1893.
		{"1916-04-30T23:30:00", "1916-04-30T22:30:00Z", "1916-04-30T23:30:00"},
		{"1893-04-01T00:03:00", "1893-03-31T23:09:32Z", "1893-04-01T00:03:00"},
	} {
		got, err := advotime.ParseBerlin(tc.text)
		if err != nil || !got.Time().Equal(utc(t, tc.instant)) || got.String() != tc.written {
			t.Errorf("%s is %v and written as %s, %v; want %s and %s", tc.text, got.Time().UTC(), got, err, tc.instant, tc.written)
		}
		if made := advotime.InBerlin(got.Time()); !made.Equal(got) {
			t.Errorf("%s is %v when it is made of its Time", tc.text, made)
		}
		again, err := advotime.ParseBerlin(got.String())
		if err != nil || again != got {
			t.Errorf("%s is %v after it was written and read: %v", tc.text, again, err)
		}
	}
}

// Every quarter of an hour of a year comes back from its text, and from JSON.
func TestBerlinRoundTripOfAYear(t *testing.T) {
	end := time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	for at := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC); at.Before(end); at = at.Add(15 * time.Minute) {
		b := advotime.InBerlin(at)
		back, err := advotime.ParseBerlin(b.String())
		if err != nil || back != b || !back.Time().Equal(at) {
			t.Fatalf("%v is written as %s and read as %v: %v", at, b, back.Time().UTC(), err)
		}
	}
}

func TestBerlinInJSON(t *testing.T) {
	type entry struct {
		Begin   advotime.Berlin  `json:"begin"`
		End     advotime.Berlin  `json:"end,omitzero"`
		Changed *advotime.Berlin `json:"geaendertAm,omitempty"`
	}
	for in, want := range map[string]string{
		`{"begin":"2026-02-10T09:30:00.000","end":"2026-02-10T09:30:00Z","geaendertAm":"2026-02-10"}`: `{"begin":"2026-02-10T09:30:00","end":"2026-02-10T10:30:00","geaendertAm":"2026-02-10T00:00:00"}`,
		`{"begin":null,"end":null,"geaendertAm":null}`:                                                `{"begin":null}`,
		`{"begin":"","end":""}`:            `{"begin":null}`,
		`{}`:                               `{"begin":null}`,
		`{"begin":"0001-01-01T00:00:00Z"}`: `{"begin":"0001-01-01T00:00:00"}`,
		`{"end":"0001-01-01T00:00:00"}`:    `{"begin":null}`,
		`{"begin":"\u0032026-02-10T09:30:00\u002b01"}`: `{"begin":"2026-02-10T09:30:00"}`,
	} {
		v := entry{Begin: advotime.InBerlin(time.Now())} // which must not stay
		if !strings.Contains(in, "begin") {
			v = entry{}
		}
		if err := json.Unmarshal([]byte(in), &v); err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		out, err := json.Marshal(v)
		if diff := cmp.Diff(want, string(out)); diff != "" || err != nil {
			t.Errorf("%s: %v %s", in, err, diff)
		}
	}
	for _, in := range []string{`1`, `1770715800`, `true`, `{}`, `[]`, `["2026-02-10"]`, `"x"`, `"` + strings.Repeat("2", 1<<20) + `"`} {
		var v entry
		err := json.Unmarshal([]byte(`{"begin":`+in+`}`), &v)
		var parse *advotime.ParseError
		if !errors.As(err, &parse) || len(err.Error()) > 400 {
			t.Errorf("%.50s: %.500v, want a ParseError", in, err)
		}
	}
}

func TestBerlinBeyondWhatCanBeWritten(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Unix(1<<60, 0), time.Unix(-1<<60, 0),
	} {
		b := advotime.InBerlin(at)
		var beyond *advotime.RangeError
		if _, err := json.Marshal(b); !errors.As(err, &beyond) {
			t.Errorf("%v: %v, want a RangeError", at, err)
		}
		if _, err := b.MarshalText(); !errors.As(err, &beyond) {
			t.Errorf("%v: %v, want a RangeError", at, err)
		}
		_, _, _ = b.String(), b.Day(), b.Clock() // no panic
	}
}

func TestBerlinIsAValue(t *testing.T) {
	now := time.Now()
	a, b := advotime.InBerlin(now), advotime.InBerlin(now.UTC().Round(0))
	if a != b || !a.Equal(b) || a.Compare(b) != 0 {
		t.Errorf("%v and %v are the same instant", a, b)
	}
	later := advotime.InBerlin(now.Add(time.Minute))
	if a.Equal(later) || a.Compare(later) != -1 || later.Compare(a) != 1 {
		t.Errorf("%v is before %v", a, later)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	none, netNone := advotime.Berlin{}, advotime.Berlin{}
	if err := netNone.UnmarshalText([]byte("0001-01-01T00:00:00Z")); err != nil || !netNone.Equal(none) || !netNone.IsZero() {
		t.Errorf("%v, %v: want no date", netNone, err)
	}
	if !advotime.InBerlin(time.Time{}).IsZero() || !none.Day().IsZero() || !none.Clock().IsZero() || none.String() != "" {
		t.Error("no date is not the zero value")
	}
}

// Days later the clock shows the same, and a day and a time taken apart and put together
// are the same instant.
func TestBerlinAddDays(t *testing.T) {
	for _, tc := range []struct {
		text string
		days int
		want string
	}{
		{"2026-03-26T09:30:00", 7, "2026-04-02T09:30:00"},
		{"2026-03-28T02:30:00", 1, "2026-03-29T02:30:00"},
		{"2026-03-29T02:30:00", 1, "2026-03-30T02:30:00"},
		{"2026-03-30T02:30:00.5", -2, "2026-03-28T02:30:00.5"},
		{"2026-10-25T02:30:00+01:00", 0, "2026-10-25T02:30:00+01:00"},
		{"2026-10-25T02:30:00+01:00", 1, "2026-10-26T02:30:00"},
		{"2026-10-24T02:30:00", 1, "2026-10-25T02:30:00"},
		{"", 1, ""}, {"9999-12-31T10:00:00", 1, ""}, {"2026-02-10", 1 << 30, ""},
	} {
		b, err := advotime.ParseBerlin(tc.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.AddDays(tc.days); got.String() != tc.want {
			t.Errorf("%s and %d days are %s, want %s", tc.text, tc.days, got, tc.want)
		}
		if again := b.Day().Berlin(b.Clock()); again != b && !strings.Contains(tc.text, "+") {
			t.Errorf("%s is %s when it was taken apart", tc.text, again)
		}
	}
}
