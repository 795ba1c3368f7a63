package office

import (
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

// termin is an appointment at …/TermineActiveSync. The members were seen with the
// vendor's calendar backend, but for RowId (inferred). A whole number must be one and
// not a text: the backend takes care of that for offices with a connector.
type termin struct {
	FrNr            int
	RowID           string `json:"RowId"`
	Anwalt          string // Kürzel; empty, ALLE or Allgemein is nobody's
	Sb              string
	Text            string
	Ort             string
	Notiz           string
	Datum           value.UTC   // the begin
	DatumBis        value.UTC   // the day of the end; of a series, its last day
	UhrzeitBis      value.Clock // the end, in UTC
	UhrzeitBisTicks *int64      // the same in steps of 100 ns; one that is sent counts more
	Abwesenheit     value.Bit   // all day: it ends one minute before midnight in Berlin
	Privat          value.Bit
	Nr              int // of the case, or 0
	AzRubrum        string
	Dauertermin     value.Bit // a series: every Turnus days, weeks, months or years
	Turnus          int
	TurnusArt       int // 1 to 4
	Erinnerung      value.Bit

	ErinnerungsDatum   value.UTC
	ZuletztGeaendertAm value.UTCChange
}

func (t *termin) mark(m table.Mark) {
	t.FrNr, t.RowID, t.ZuletztGeaendertAm = m.Number, m.RowID, value.UTCChange{Time: m.At}
	ticks := int64(0)
	if end, err := time.Parse(time.TimeOnly, string(t.UhrzeitBis)); err == nil {
		ticks = int64(end.Sub(end.Truncate(24*time.Hour))) / 100
	}
	t.UhrzeitBisTicks = &ticks
}

// problem lays the ticks over the time of day that they repeat.
func (t *termin) problem() *answer.Answer {
	if t.UhrzeitBisTicks == nil {
		return nil
	}
	end := time.Duration(*t.UhrzeitBisTicks)
	if end < 0 || end >= 24*time.Hour/100 {
		return rest.BadMember("UhrzeitBisTicks", "ist keine Uhrzeit")
	}
	t.UhrzeitBis = value.ClockOf(time.Time{}.Add(end * 100))
	return nil
}

func (t *termin) span() (from, to time.Time) {
	to = t.Datum.Time
	if !t.DatumBis.IsZero() {
		to = t.DatumBis.Time
	}
	return t.Datum.Time, to
}

const firstTermin = 5001

func newTermine(o *Office) *synced[termin] {
	return &synced[termin]{
		rows: table.New(o.Base, "Termine", firstTermin, o.rows, o.termin, (*termin).mark),
		id:   func(t *termin) int { return t.FrNr }, kuerzel: func(t *termin) string { return t.Anwalt },
		common: "Allgemein", nobody: []string{"", "ALLE", "Allgemein"},
		span: (*termin).span, problem: (*termin).problem,
	}
}

// termin makes an appointment, some weeks around the start. Of ten in a row there are
// all-day ones, a private one, a series and one that is nobody's.
func (o *Office) termin(number int) termin {
	r := o.Random("Termine", number)
	days := r.IntN(91) - 30
	begin := o.at(days, 8*60+15*r.IntN(40))
	end := begin.Add(time.Duration(1+r.IntN(8)) * 15 * time.Minute)
	t := termin{
		Anwalt: pick(r, employees).Kuerzel, Sb: pick(r, employees).Kuerzel,
		Text: pick(r, subjects), Ort: pick(r, rooms),
	}
	switch number % 10 {
	case 2, 6:
		t.Abwesenheit = true
		t.Text = "Urlaub"
		begin = o.at(days, 0)
		end = o.at(days+1+r.IntN(14), -1)
	case 4:
		t.Privat, t.Text, t.Ort = true, "Privat", ""
	case 7:
		t.Dauertermin, t.Turnus, t.TurnusArt = true, 1, 1+r.IntN(4)
		end = end.AddDate(0, 0, 70)
	case 9:
		t.Anwalt = pick(r, []string{"", "ALLE", "Allgemein"})
	default:
		i := r.IntN(len(knownCases))
		t.Nr = firstCase + i
		t.AzRubrum = knownCases[i].Aktenzeichen + " " + knownCases[i].Kurzrubrum
		t.Notiz = "Zeile 1\r\nZeile 2"
	}
	t.Datum, t.DatumBis, t.UhrzeitBis = value.UTC{Time: begin}, value.UTC{Time: end}, value.ClockOf(end)
	if number%4 == 0 {
		t.Erinnerung, t.ErinnerungsDatum = true, value.UTC{Time: begin.Add(-15 * time.Minute)}
	}
	return t
}

// at is a time in Berlin, so many days after the start and minutes after midnight.
func (o *Office) at(days, minutes int) time.Time {
	d := o.Began.In(value.Zone(o.Began))
	return value.InBerlin(time.Date(d.Year(), d.Month(), d.Day()+days, 0, minutes, 0, 0, time.UTC))
}
