package advotime_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/advoware-go/advoware/advotime"
)

func TestUTCReadsAllForms(t *testing.T) {
	for _, tc := range []struct{ text, instant, written string }{
		{"2026-02-10T08:30:00", "2026-02-10T08:30:00Z", "2026-02-10T08:30:00"},
		{"2026-02-10T08:30:00Z", "2026-02-10T08:30:00Z", "2026-02-10T08:30:00"},
		{"2026-02-10T08:30:00.1230000+0000", "2026-02-10T08:30:00.123Z", "2026-02-10T08:30:00.123"},
		{"2026-02-10T09:30:00+01:00", "2026-02-10T08:30:00Z", "2026-02-10T08:30:00"},
		{"2026-02-10", "2026-02-10T00:00:00Z", "2026-02-10T00:00:00"},
		{"2026-03-29T02:30:00", "2026-03-29T02:30:00Z", "2026-03-29T02:30:00"}, // no night is odd here
		{"2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z", "2026-10-25T01:30:00"},
		{"9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999"},
		{"0001-01-01T00:00:00Z", "", "0001-01-01T00:00:00"},
		{"", "", ""},
	} {
		got, err := advotime.ParseUTC(tc.text)
		if err != nil || !got.Time().Equal(utc(t, tc.instant)) || got.String() != tc.written {
			t.Errorf("%q is %v and written as %q, %v; want %s and %q", tc.text, got.Time(), got, err, tc.instant, tc.written)
		}
	}
	for _, text := range []string{"x", "10:00", "0001-01-01T08:00:00", "9999-12-31T23:59:59-00:01"} {
		if got, err := advotime.ParseUTC(text); err == nil || !got.IsZero() {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestUTCInJSON(t *testing.T) {
	var v struct {
		Start, End, None advotime.UTC
		Left             advotime.UTC `json:",omitzero"`
	}
	if err := json.Unmarshal([]byte(`{"Start":"2026-07-10T08:30:00","End":"2026-07-10T08:30:00+02:00","None":null}`), &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if want := `{"Start":"2026-07-10T08:30:00","End":"2026-07-10T06:30:00","None":null}`; err != nil || string(out) != want {
		t.Errorf("%s, %v; want %s", out, err, want)
	}
}

// The two read one text as two instants, and hand out one instant as two walls.
func TestUTCIsNotBerlin(t *testing.T) {
	const text = "2026-07-10T00:30:00"
	u, err1 := advotime.ParseUTC(text)
	b, err2 := advotime.ParseBerlin(text)
	if err1 != nil || err2 != nil || u.Time().Sub(b.Time()) != 2*time.Hour {
		t.Fatalf("%v, %v, %v, %v", u.Time(), b.Time(), err1, err2)
	}
	there := advotime.InUTC(b.Time())
	if got := there.Day().String() + " " + there.Clock().String(); got != "2026-07-09 22:30:00" {
		t.Errorf("in UTC it is %s", got)
	}
	if got := b.Day().String() + " " + b.Clock().String(); got != "2026-07-10 00:30:00" {
		t.Errorf("in Berlin it is %s", got)
	}
	if there.Compare(u) != -1 || u.Compare(there) != 1 || u.Equal(there) || !u.Equal(u) {
		t.Error("the order is wrong")
	}
}
