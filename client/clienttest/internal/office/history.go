package office

import (
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
	"github.com/advoware-go/advoware/client/clienttest/internal/value"
)

// event is an entry of …/Akten/{id}/History (the path was seen with a middleware of
// customers; the members are inferred).
type event struct {
	ID          int          `json:"id"`
	RowID       string       `json:"rowId"`
	AktenID     int          `json:"aktenId"`
	Datum       value.Berlin `json:"datum"`
	Art         string       `json:"art"`
	Text        string       `json:"text"`
	Kuerzel     string       `json:"kuerzel"`
	GeaendertAm value.Berlin `json:"geaendertAm"`
}

func (e *event) mark(m table.Mark) {
	e.ID, e.RowID, e.GeaendertAm = m.Number, m.RowID, value.Berlin{Time: m.At}
}

const (
	firstEvent = 1
	eventsEach = 3 // of a case, from the start
)

// newHistory has the events of that many cases.
func newHistory(o *Office, cases int) *table.Table[event] {
	return table.New(o.Base, "History", firstEvent, cases*eventsEach, func(number int) event {
		r := o.Random("History", number)
		return event{
			AktenID: firstCase + (number-firstEvent)/eventsEach,
			Datum:   value.Berlin{Time: o.Began.Truncate(time.Minute).Add(-time.Duration(r.IntN(90*24*60)) * time.Minute)},
			Art:     pick(r, []string{"Schriftsatz", "Telefonat", "Vermerk", "Posteingang"}),
			Text:    pick(r, tasks), Kuerzel: pick(r, employees).Kuerzel,
		}
	}, (*event).mark)
}

func (c *cases) listHistory(k *rest.Call) *answer.Answer {
	return c.with(k, func(row storedCase) *answer.Answer {
		first, n := firstEvent+(row.ID-firstCase)*eventsEach, eventsEach
		if !c.history.IsMade(first) {
			first, n = firstEvent, 0 // a case that was created
		}
		events := c.history.From(first, n)
		return rest.Array(k, n+c.history.Written(), func(yield func(event) bool) {
			for e := range events {
				if e.AktenID == row.ID && !yield(e) {
					return
				}
			}
		})
	})
}

// addHistory answers with the event as it stands (inferred).
func (c *cases) addHistory(k *rest.Call) *answer.Answer {
	return c.with(k, func(row storedCase) *answer.Answer {
		var e event
		if bad := rest.Decode(k.Body, maxBody, &e); bad != nil {
			return bad
		}
		e.AktenID = row.ID
		e, bad := c.history.Add(e, len(k.Body))
		if bad != nil {
			return bad
		}
		return answer.JSON(http.StatusCreated, e)
	})
}
