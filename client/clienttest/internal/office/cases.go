package office

import (
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

// legalCase is an entry of /api/v1/Akten.
type legalCase struct {
	ID              int        `json:"id"`
	Aktenzeichen    string     `json:"aktenzeichen"` // running number/year
	Kurzrubrum      string     `json:"kurzrubrum"`
	Sachgebiet      string     `json:"sachgebiet"`
	Sachbearbeiter  string     `json:"sachbearbeiter"` // Kuerzel
	Gericht         string     `json:"gericht,omitempty"`
	Gegenstandswert value.Euro `json:"gegenstandswert"`
	Anlagedatum     string     `json:"anlagedatum"` // 2006-01-02
	Abgelegt        value.Flag `json:"abgelegt"`
}

// storedCase is a case with what only the other path shows.
type storedCase struct {
	legalCase
	rowID   string
	changed time.Time
}

func (c *storedCase) mark(m table.Mark) { c.ID, c.rowID, c.changed = m.Number, m.RowID, m.At }

// archivable is a case at /api/v1/advonet/Akten, where "ablage" tells the archived
// ones (seen with a middleware of customers; the other members are inferred).
type archivable struct {
	ID             int          `json:"id"`
	RowID          string       `json:"rowId"`
	Aktenzeichen   string       `json:"aktenzeichen"`
	Rubrum         string       `json:"rubrum"`
	Referat        string       `json:"referat"`
	Sachbearbeiter string       `json:"sachbearbeiter"`
	Status         string       `json:"status"`
	Ablage         value.Bit    `json:"ablage"`
	Anlagedatum    value.Day    `json:"anlagedatum"`
	GeaendertAm    value.Berlin `json:"geaendertAm"`
}

// cases are the cases of an Office, at both of their paths, and what has happened in
// them.
type cases struct {
	rows    *table.Table[storedCase]
	history *table.Table[event]
}

// firstCase is the number of the first case.
const firstCase = 101

// newCases has the six cases that the sandbox always had, and more where more than the
// usual number of rows was asked for.
func newCases(o *Office) *cases {
	n := len(knownCases)
	if o.rows > defaultRows {
		n = o.rows
	}
	c := &cases{}
	c.rows = table.New(o.Base, "Akten", firstCase, n, func(number int) storedCase {
		if i := number - firstCase; i < len(knownCases) {
			return storedCase{legalCase: knownCases[i]}
		}
		return storedCase{legalCase: o.legalCase(number)}
	}, (*storedCase).mark)
	c.history = newHistory(o, n)
	return c
}

func (o *Office) legalCase(number int) legalCase {
	r := o.Random("Akten", number)
	opened := o.Began.AddDate(0, 0, -r.IntN(1500))
	return legalCase{
		Aktenzeichen: fmt.Sprintf("%05d/%s", 1000+number-firstCase, opened.Format("06")),
		Kurzrubrum:   pick(r, surnames) + " ./. " + pick(r, opponents), Sachgebiet: pick(r, fields),
		Sachbearbeiter: pick(r, employees).Kuerzel, Gericht: pick(r, courts),
		Gegenstandswert: value.Euro(r.IntN(10_000_000)), Anlagedatum: opened.Format(time.DateOnly),
		Abgelegt: r.IntN(4) == 0,
	}
}

// list answers with the cases; "Search" is a part of a text in one, whatever its case
// (the name was seen with a Node client, its meaning is inferred).
func (c *cases) list(k *rest.Call) *answer.Answer {
	return rest.Page(k, c.count(k), c.found(k))
}

func (c *cases) found(k *rest.Call) iter.Seq[legalCase] {
	wanted := search(k)
	all := c.rows.All()
	return func(yield func(legalCase) bool) {
		for row := range all {
			if k.Context().Err() != nil { // nobody waits for the rest of a million
				return
			}
			if wanted(row.Aktenzeichen, row.Kurzrubrum, row.Sachgebiet, row.Sachbearbeiter, row.Gericht) && !yield(row.legalCase) {
				return
			}
		}
	}
}

func (c *cases) count(k *rest.Call) (n int) {
	if k.Query.Get("Search") == "" {
		return c.rows.Len()
	}
	for range c.found(k) {
		n++
	}
	return n
}

// search returns whether one of the texts of a row holds what is searched for.
func search(k *rest.Call) func(texts ...string) bool {
	text := strings.ToLower(k.Query.Get("Search"))
	return func(texts ...string) bool {
		return text == "" || strings.Contains(strings.ToLower(strings.Join(texts, "\n")), text)
	}
}

func (c *cases) get(k *rest.Call) *answer.Answer {
	return c.with(k, func(row storedCase) *answer.Answer { return answer.JSON(http.StatusOK, row.legalCase) })
}

// with calls f with the case that the path names.
func (c *cases) with(k *rest.Call, f func(storedCase) *answer.Answer) *answer.Answer {
	number, ok := k.Number(0)
	if !ok {
		return answer.NotFound()
	}
	row, ok := c.rows.Find(number)
	if !ok {
		return answer.NotFound()
	}
	return f(row)
}

func (c *cases) create(k *rest.Call) *answer.Answer {
	var row storedCase
	if bad := rest.Decode(k.Body, maxBody, &row.legalCase); bad != nil {
		return bad
	}
	row, bad := c.rows.Add(row, len(k.Body))
	if bad != nil {
		return bad
	}
	return rest.Created(k, row.ID, row.legalCase)
}

// replace is PUT: what the body does not name is empty afterwards (seen).
func (c *cases) replace(k *rest.Call) *answer.Answer {
	number, ok := k.Number(0)
	var row storedCase
	if bad := rest.Decode(k.Body, maxBody, &row.legalCase); bad != nil {
		return bad
	}
	if !ok {
		return answer.NotFound()
	}
	row, bad := c.rows.Change(number, func(storedCase) (storedCase, int, *answer.Answer) { return row, len(k.Body), nil })
	if bad != nil {
		return bad
	}
	return answer.JSON(http.StatusOK, row.legalCase)
}

// getArchivable is the case at the other path.
func (c *cases) getArchivable(k *rest.Call) *answer.Answer {
	return c.with(k, func(row storedCase) *answer.Answer {
		opened, _ := value.Parse(row.Anlagedatum, value.InBerlin)
		status := "laufend"
		if row.Abgelegt {
			status = "abgelegt"
		}
		return answer.JSON(http.StatusOK, archivable{
			ID: row.ID, RowID: row.rowID, Aktenzeichen: row.Aktenzeichen, Rubrum: row.Kurzrubrum,
			Referat: row.Sachgebiet, Sachbearbeiter: row.Sachbearbeiter, Status: status,
			Ablage: value.Bit(row.Abgelegt), Anlagedatum: value.Day{Time: opened}, GeaendertAm: value.Berlin{Time: row.changed},
		})
	})
}

var knownCases = []legalCase{
	{101, "00017/26", "Schröder ./. Nordwest Versicherung AG", "Verkehrsunfall", "KS", "AG Osnabrück", 482075, "2026-01-12", false},
	{102, "00023/26", "Kündigungsschutz Özdemir ./. Möbelhaus Grün GmbH", "Arbeitsrecht", "ÖY", "ArbG Münster", 1237500, "2026-01-19", false},
	{103, "00031/26", "WEG Süßmilchstraße 7 ./. Bäumler", "Wohnungseigentum", "FG", "AG Lübeck", 99999, "2026-01-23", false},
	{104, "00042/26", "Nachlass Weißenfels", "Erbrecht", "JM", "", 68000000, "2026-02-02", false},
	{105, "00388/25", "Gründung Fjällräven & Söhne OHG", "Gesellschaftsrecht", "JM", "", 5000000, "2025-06-30", false},
	{106, "01204/24", "Müller ./. Müller", "Ehescheidung", "HB", "AG Köln", 1050000, "2024-11-05", true},
}
