package advotime_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/advoware-go/advoware/advotime"
)

// An entry of the calendar has its days and its times apart, both of Berlin, and says when
// it was changed. It is read, moved by a week, and sent back as a whole.
func Example() {
	type appointment struct {
		Datum       advotime.Day    `json:"datum"`
		UhrzeitVon  advotime.Clock  `json:"uhrzeitVon"`
		DatumBis    advotime.Day    `json:"datumBis"`
		UhrzeitBis  advotime.Clock  `json:"uhrzeitBis"`
		Text        string          `json:"text"`
		GeaendertAm advotime.Berlin `json:"geaendertAm"`
		Erledigt    advotime.Berlin `json:"erledigt,omitzero"`
	}
	const record = `{"datum":"2026-03-26T00:00:00","uhrzeitVon":"09:30:00","datumBis":"2026-03-26","uhrzeitBis":"10:15",
		"text":"Besprechung","geaendertAm":"2026-02-10T08:30:00.1234567","erledigt":"0001-01-01T00:00:00Z"}`
	var a appointment
	if err := json.Unmarshal([]byte(record), &a); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Datum.Berlin(a.UhrzeitVon).Time().UTC())

	a.Datum, a.DatumBis = a.Datum.AddDays(7), a.DatumBis.AddDays(7) // past the change of the clock
	fmt.Println(a.Datum.Berlin(a.UhrzeitVon).Time().UTC())
	out, err := json.Marshal(a)
	fmt.Println(string(out), err)
	// Output:
	// 2026-03-26 08:30:00 +0000 UTC
	// 2026-04-02 07:30:00 +0000 UTC
	// {"datum":"2026-04-02","uhrzeitVon":"09:30:00","datumBis":"2026-04-02","uhrzeitBis":"10:15:00","text":"Besprechung","geaendertAm":"2026-02-10T08:30:00.1234567"} <nil>
}

// The ActiveSync paths speak UTC, in queries too.
func ExampleUTC_query() {
	from := advotime.NewDay(2026, time.July, 10).Berlin(advotime.Clock{}) // the day begins in Berlin
	query := url.Values{
		"kuerzel": {"AB"},
		"from":    {advotime.InUTC(from.Time()).String()},
		"to":      {advotime.InUTC(from.Time().Add(24 * time.Hour)).String()},
	}
	fmt.Println(query.Encode())
	// Output:
	// from=2026-07-09T22%3A00%3A00&kuerzel=AB&to=2026-07-10T22%3A00%3A00
}

// The hour from two to three comes twice in October. Without a zone the first one is meant.
func ExampleBerlin_october() {
	for _, text := range []string{"2026-10-25T02:30:00", "2026-10-25T01:30:00Z"} {
		b, err := advotime.ParseBerlin(text)
		fmt.Println(b, b.Time(), err)
	}
	// Output:
	// 2026-10-25T02:30:00 2026-10-25 02:30:00 +0200 CEST <nil>
	// 2026-10-25T02:30:00+01:00 2026-10-25 02:30:00 +0100 CET <nil>
}

// A whole day ends a minute before midnight.
func ExampleAllDay() {
	day := advotime.NewDay(2026, time.December, 24)
	begin, end := advotime.AllDay(day, day.AddDays(2))
	fmt.Println(begin, end, advotime.IsAllDay(begin, end))
	// Output:
	// 2026-12-24T00:00:00 2026-12-26T23:59:00 true
}
