package office

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

// party is a Beteiligter. betNr, rowId, geaendertAm and kommunikation were seen with a
// middleware of customers; the other members are inferred.
type party struct {
	BetNr            int          `json:"betNr"`
	RowID            string       `json:"rowId"`
	Anrede           string       `json:"anrede"` // Frau, Herr, Firma
	Vorname          string       `json:"vorname"`
	Name             string       `json:"name"`
	Rechtsform       string       `json:"rechtsform"` // Natürliche Person, GmbH …
	Geburtsdatum     value.Day    `json:"geburtsdatum"`
	Strasse          string       `json:"strasse"`
	Plz              string       `json:"plz"`
	Ort              string       `json:"ort"`
	Bemerkung        string       `json:"bemerkung"`
	Kommunikation    []contact    `json:"kommunikation"`
	Bankverbindungen []account    `json:"bankverbindungen"`
	GeaendertAm      value.Berlin `json:"geaendertAm"`

	sizes int // of what was posted below it, in bytes
}

func (p *party) mark(m table.Mark) {
	p.BetNr, p.RowID, p.GeaendertAm = m.Number, m.RowID, value.Berlin{Time: m.At}
}

// contact is a Kommunikation: POST takes these four members, PUT the last three.
// kommKz, the kind, is read-only then, and nothing says so (seen; the names of the
// other three are inferred).
type contact struct {
	ID        int        `json:"id"`
	RowID     string     `json:"rowId"`
	KommKz    int        `json:"kommKz"`
	Tlf       string     `json:"tlf"`
	Bemerkung string     `json:"bemerkung"`
	Online    value.Flag `json:"online"`

	version int
}

// account is a Bankverbindung, which can only be posted (seen; the members are
// inferred).
type account struct {
	ID           int    `json:"id"`
	RowID        string `json:"rowId"`
	IBAN         string `json:"iban"`
	BIC          string `json:"bic"`
	Kontoinhaber string `json:"kontoinhaber"`
}

// maxBelow is how many contacts, and how many accounts, a party can have.
const maxBelow = 1000

// parties are the Beteiligten of an Office.
type parties struct {
	office *Office
	rows   *table.Table[party]
	last   atomic.Int64 // number of a contact or an account that was posted
}

const (
	firstParty = 20001
	firstBelow = 50_000_000 // beyond those of all parties that can be made
)

func newParties(o *Office) *parties {
	p := &parties{office: o}
	p.last.Store(firstBelow)
	p.rows = table.New(o.Base, "Beteiligte", firstParty, o.rows, o.party, (*party).mark)
	return p
}

func (o *Office) party(number int) party {
	r := o.Random("Beteiligte", number)
	town := pick(r, towns)
	p := party{
		Anrede: pick(r, []string{"Frau", "Herr"}), Vorname: pick(r, forenames), Name: pick(r, surnames),
		Rechtsform: "Natürliche Person", Geburtsdatum: value.Day{Time: o.at(-7000-r.IntN(20000), 0)},
		Strasse: fmt.Sprintf("%s %d", pick(r, streets), 1+r.IntN(99)), Plz: town[:5], Ort: town[6:],
		Bankverbindungen: []account{},
	}
	if number%5 == 0 {
		p.Anrede, p.Vorname, p.Name, p.Geburtsdatum = "Firma", "", pick(r, opponents), value.Day{}
		p.Rechtsform = pick(r, []string{"GmbH", "AG", "OHG", "Verein"})
	}
	for i, c := range []contact{
		{KommKz: 1, Tlf: fmt.Sprintf("0541/555-%04d", r.IntN(10000)), Bemerkung: "geschäftlich"},
		{KommKz: 4, Tlf: fmt.Sprintf("kontakt%d@beteiligte.example", number), Online: true},
	} {
		c.ID = number*10 + i + 1
		c.RowID = o.RowID("Kommunikationen", c.ID, 0)
		p.Kommunikation = append(p.Kommunikation, c)
	}
	return p
}

// list answers with all of them (inferred).
func (p *parties) list(c *rest.Call) *answer.Answer {
	return rest.Array(c, p.rows.Most(), p.rows.All())
}

func (p *parties) get(c *rest.Call) *answer.Answer {
	if number, ok := c.Number(0); ok {
		if row, ok := p.rows.Find(number); ok {
			return answer.JSON(http.StatusOK, row)
		}
	}
	return answer.NotFound()
}

// create answers with the party as it stands (inferred). What is below it has paths of
// its own and is not taken from the body, here and in replace (inferred).
func (p *parties) create(c *rest.Call) *answer.Answer {
	var row party
	if bad := rest.Decode(c.Body, maxBody, &row); bad != nil {
		return bad
	}
	row.Kommunikation, row.Bankverbindungen = []contact{}, []account{}
	row, bad := p.rows.Add(row, len(c.Body))
	if bad != nil {
		return bad
	}
	return rest.Created(c, row.BetNr, row)
}

// replace is PUT: what the body does not name is empty afterwards (seen).
func (p *parties) replace(c *rest.Call) *answer.Answer {
	var row party
	if bad := rest.Decode(c.Body, maxBody, &row); bad != nil {
		return bad
	}
	return p.change(c, func(old party) (party, any, *answer.Answer) {
		row.Kommunikation, row.Bankverbindungen, row.sizes = old.Kommunikation, old.Bankverbindungen, old.sizes
		return row, nil, nil
	}, http.StatusOK)
}

// change answers with what f returns of the party in the path, or with the party. Its
// rowId changes with whatever is below it (inferred).
func (p *parties) change(c *rest.Call, f func(party) (party, any, *answer.Answer), status int) *answer.Answer {
	number, ok := c.Number(0)
	if !ok {
		return answer.NotFound()
	}
	var part any
	row, bad := p.rows.Change(number, func(old party) (row party, size int, bad *answer.Answer) {
		row, part, bad = f(old)
		if part != nil {
			row.sizes += len(c.Body) + table.Overhead
			return row, row.sizes, bad
		}
		return row, len(c.Body) + row.sizes, bad
	})
	switch {
	case bad != nil:
		return bad
	case part != nil:
		return answer.JSON(status, part)
	}
	return answer.JSON(status, row)
}

func (p *parties) addContact(c *rest.Call) *answer.Answer {
	var part contact
	if bad := rest.Decode(c.Body, maxBody, &part); bad != nil {
		return bad
	}
	part.ID, part.version = int(p.last.Add(1)), 1
	part.RowID = p.office.RowID("Kommunikationen", part.ID, part.version)
	return p.change(c, func(row party) (party, any, *answer.Answer) {
		if len(row.Kommunikation) >= maxBelow {
			return row, nil, rest.Full()
		}
		row.Kommunikation = append(slices.Clip(row.Kommunikation), part)
		return row, part, nil
	}, http.StatusCreated)
}

func (p *parties) replaceContact(c *rest.Call) *answer.Answer {
	var part contact
	if bad := rest.Decode(c.Body, maxBody, &part); bad != nil {
		return bad
	}
	id, ok := c.Number(1)
	if !ok {
		return answer.NotFound()
	}
	return p.change(c, func(row party) (party, any, *answer.Answer) {
		i := slices.IndexFunc(row.Kommunikation, func(k contact) bool { return k.ID == id })
		if i < 0 {
			return row, nil, answer.NotFound()
		}
		old := row.Kommunikation[i]
		part.ID, part.KommKz, part.version = id, old.KommKz, old.version+1
		part.RowID = p.office.RowID("Kommunikationen", id, part.version)
		row.Kommunikation = slices.Clone(row.Kommunikation)
		row.Kommunikation[i] = part
		return row, part, nil
	}, http.StatusOK)
}

// removeContact is always refused (seen).
func (p *parties) removeContact(*rest.Call) *answer.Answer {
	return answer.Refusal(http.StatusForbidden, "", "Das Löschen von Kommunikationen ist nicht erlaubt.")
}

func (p *parties) addAccount(c *rest.Call) *answer.Answer {
	var part account
	if bad := rest.Decode(c.Body, maxBody, &part); bad != nil {
		return bad
	}
	part.ID = int(p.last.Add(1))
	part.RowID = p.office.RowID("Bankverbindungen", part.ID, 1)
	return p.change(c, func(row party) (party, any, *answer.Answer) {
		if len(row.Bankverbindungen) >= maxBelow {
			return row, nil, rest.Full()
		}
		row.Bankverbindungen = append(slices.Clip(row.Bankverbindungen), part)
		return row, part, nil
	}, http.StatusCreated)
}
