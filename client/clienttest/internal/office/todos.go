package office

import (
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

// todo is a task at …/TodosActiveSync. The members were seen with the vendor's calendar
// backend, but for RowId (inferred).
type todo struct {
	FrNr       int
	RowID      string `json:"RowId"`
	Kuerzel    string // Pool is nobody's
	SB         string
	Text       string
	Notizen    string
	Datum      value.UTC
	Status     string // offen, in Bearbeitung, delegiert, zurückgestellt, erledigt
	Prioritaet string // Hoch, Normal, Niedrig
	Privat     value.BitText
	Erledigt   value.BitText

	ErledigtDatum      value.UTC `json:"Erledigt_Datum"`
	ErinnerungsDatum   value.UTC
	ZuletztGeaendertAm value.UTCChange
}

func (t *todo) mark(m table.Mark) {
	t.FrNr, t.RowID, t.ZuletztGeaendertAm = m.Number, m.RowID, value.UTCChange{Time: m.At}
}

// firstTodo is beyond all appointments, so that no number is one of both.
const firstTodo = 2_000_001

func newTodos(o *Office) *synced[todo] {
	return &synced[todo]{
		rows: table.New(o.Base, "Todos", firstTodo, o.rows, o.todo, (*todo).mark),
		id:   func(t *todo) int { return t.FrNr }, kuerzel: func(t *todo) string { return t.Kuerzel },
		common: "Pool", nobody: []string{"Pool", ""},
		span:    func(t *todo) (time.Time, time.Time) { return t.Datum.Time, t.Datum.Time },
		problem: func(*todo) *answer.Answer { return nil },
	}
}

func (o *Office) todo(number int) todo {
	r := o.Random("Todos", number)
	t := todo{
		Kuerzel: pick(r, employees).Kuerzel, SB: pick(r, employees).Kuerzel, Text: pick(r, tasks),
		Datum:      value.UTC{Time: o.at(r.IntN(60)-20, 60*r.IntN(24))},
		Status:     pick(r, []string{"offen", "offen", "in Bearbeitung", "delegiert", "zurückgestellt", "erledigt"}),
		Prioritaet: pick(r, []string{"Normal", "Normal", "Hoch", "Niedrig"}), Privat: number%9 == 3,
	}
	if number%8 == 5 {
		t.Kuerzel = "Pool"
	}
	if t.Status == "erledigt" {
		t.Erledigt, t.ErledigtDatum = true, value.UTC{Time: o.Began.Add(-time.Duration(r.IntN(1e6)) * time.Second).Truncate(time.Second)}
	}
	if number%3 == 0 {
		t.ErinnerungsDatum = value.UTC{Time: t.Datum.Add(-time.Hour)}
	}
	return t
}
