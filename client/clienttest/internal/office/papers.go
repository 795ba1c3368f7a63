package office

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest/internal/table"
	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

// activity is an entry of /api/v1/NewActivities.
type activity struct {
	ID          int          `json:"id"`
	RowID       string       `json:"rowId"`
	Art         string       `json:"art"`
	AktenID     int          `json:"aktenId"`
	Text        string       `json:"text"`
	Kuerzel     string       `json:"kuerzel"`
	Datum       value.Berlin `json:"datum"`
	Gelesen     value.Bit    `json:"gelesen"`
	GeaendertAm value.Berlin `json:"geaendertAm"`
}

func newActivities(o *Office) *resource[activity] {
	return &resource[activity]{
		rows: table.New(o.Base, "NewActivities", 30001, o.rows, func(number int) activity {
			r := o.Random("NewActivities", number)
			return activity{
				Art: pick(r, []string{"Posteingang", "Telefonnotiz", "Nachricht", "Frist"}), AktenID: firstCase + r.IntN(len(knownCases)),
				Text: pick(r, tasks), Kuerzel: pick(r, employees).Kuerzel,
				Datum: value.Berlin{Time: o.at(-r.IntN(14), r.IntN(1440))}, Gelesen: r.IntN(3) == 0,
			}
		}, func(a *activity, m table.Mark) {
			a.ID, a.RowID, a.GeaendertAm = m.Number, m.RowID, value.Berlin{Time: m.At}
		}),
		limit: maxBody, id: func(a *activity) int { return a.ID },
		texts: func(a *activity) []string { return []string{a.Art, a.Text, a.Kuerzel} },
	}
}

// followUp is an entry of /api/v1/Wiedervorlagen. aktenId, datum and text are what a
// Node client sends; datum is a day there. A day and times of day without a zone are
// of Berlin (seen with a middleware of customers, which names the four of them).
type followUp struct {
	ID          int           `json:"id"`
	RowID       string        `json:"rowId"`
	AktenID     int           `json:"aktenId"`
	Kuerzel     string        `json:"kuerzel"`
	Text        string        `json:"text"`
	Datum       value.Day     `json:"datum"`
	UhrzeitVon  value.Clock   `json:"uhrzeitVon"`
	DatumBis    value.Day     `json:"datumBis"`
	UhrzeitBis  value.Clock   `json:"uhrzeitBis"`
	Status      string        `json:"status"` // Offen, Erledigt
	Erledigt    value.BitText `json:"erledigt"`
	GeaendertAm value.Berlin  `json:"geaendertAm"`
}

func newFollowUps(o *Office) *resource[followUp] {
	return &resource[followUp]{
		rows: table.New(o.Base, "Wiedervorlagen", 40001, o.rows, func(number int) followUp {
			r := o.Random("Wiedervorlagen", number)
			day, hour := o.at(r.IntN(40)-10, 0), 8+r.IntN(9)
			f := followUp{
				AktenID: firstCase + r.IntN(len(knownCases)), Kuerzel: pick(r, employees).Kuerzel, Text: pick(r, tasks),
				Datum: value.Day{Time: day}, DatumBis: value.Day{Time: day}, Status: "Offen",
				UhrzeitVon: value.Clock(fmt.Sprintf("%02d:30:00", hour)), UhrzeitBis: value.Clock(fmt.Sprintf("%02d:15:00", hour+1)),
			}
			switch number % 5 {
			case 1: // all day
				f.UhrzeitVon, f.UhrzeitBis = "00:00:00", "23:59:00"
			case 3:
				f.Status, f.Erledigt = "Erledigt", true
			case 4: // no end
				f.DatumBis, f.UhrzeitBis = value.Day{}, ""
			}
			return f
		}, func(f *followUp, m table.Mark) {
			f.ID, f.RowID, f.GeaendertAm = m.Number, m.RowID, value.Berlin{Time: m.At}
		}),
		limit: maxBody, id: func(f *followUp) int { return f.ID },
		texts: func(f *followUp) []string { return []string{f.Text, f.Kuerzel, f.Status} },
	}
}

// file is an entry of /api/v1/File. Its content is sent as base64, counted and not
// kept.
type file struct {
	ID          int          `json:"id"`
	RowID       string       `json:"rowId"`
	AktenID     int          `json:"aktenId"`
	Dateiname   string       `json:"dateiname"`
	Art         string       `json:"art"`
	Groesse     int          `json:"groesse"`
	Inhalt      string       `json:"inhalt,omitempty"`
	GeaendertAm value.Berlin `json:"geaendertAm"`
}

func newFiles(o *Office) *resource[file] {
	return &resource[file]{
		rows: table.New(o.Base, "File", 60001, o.rows, func(number int) file {
			r := o.Random("File", number)
			return file{
				AktenID:   firstCase + r.IntN(len(knownCases)),
				Dateiname: fmt.Sprintf("%s %d.%s", pick(r, []string{"Klageschrift", "Vollmacht", "Übersicht & Anlagen", "Kündigung"}), number, pick(r, []string{"pdf", "docx"})),
				Art:       pick(r, []string{"Schriftsatz", "Anlage", "Rechnung"}), Groesse: 1000 + r.IntN(1_000_000),
			}
		}, func(f *file, m table.Mark) {
			f.ID, f.RowID, f.GeaendertAm = m.Number, m.RowID, value.Berlin{Time: m.At}
		}),
		limit: maxFileBody, id: func(f *file) int { return f.ID },
		texts: func(f *file) []string { return []string{f.Dateiname, f.Art} },
		read: func(f *file) {
			f.Dateiname, f.Art = strings.Clone(f.Dateiname), strings.Clone(f.Art)
			content, err := base64.StdEncoding.DecodeString(f.Inhalt)
			if f.Groesse = len(content); err != nil {
				f.Groesse = len(f.Inhalt)
			}
			f.Inhalt = ""
		},
	}
}

// invoice is an entry of /api/v1/Rechnungen.
type invoice struct {
	ID          int          `json:"id"`
	RowID       string       `json:"rowId"`
	Nummer      string       `json:"nummer"`
	AktenID     int          `json:"aktenId"`
	Betrag      value.Euro   `json:"betrag"`
	Datum       value.Day    `json:"datum"`
	Faellig     value.Day    `json:"faellig"`
	Status      string       `json:"status"` // Entwurf, Offen, Bezahlt, Storniert
	Bezahlt     value.Bit    `json:"bezahlt"`
	GeaendertAm value.Berlin `json:"geaendertAm"`
}

func newInvoices(o *Office) *resource[invoice] {
	return &resource[invoice]{
		rows: table.New(o.Base, "Rechnungen", 80001, o.rows, func(number int) invoice {
			r := o.Random("Rechnungen", number)
			days := -r.IntN(200)
			status := pick(r, []string{"Entwurf", "Offen", "Bezahlt", "Bezahlt", "Storniert"})
			return invoice{
				Nummer: fmt.Sprintf("R-%05d", number-80000), AktenID: firstCase + r.IntN(len(knownCases)),
				Betrag: value.Euro(r.IntN(1_000_000)), Datum: value.Day{Time: o.at(days, 0)}, Faellig: value.Day{Time: o.at(days+14, 0)},
				Status: status, Bezahlt: status == "Bezahlt",
			}
		}, func(i *invoice, m table.Mark) {
			i.ID, i.RowID, i.GeaendertAm = m.Number, m.RowID, value.Berlin{Time: m.At}
		}),
		limit: maxBody, id: func(i *invoice) int { return i.ID },
		texts: func(i *invoice) []string { return []string{i.Nummer, i.Status} },
	}
}
