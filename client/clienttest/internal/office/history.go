package office

import (
	"net/http"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// event is an entry of …/Akten/{id}/History (the path was seen with a middleware of
// customers; the members are inferred).
type event struct {
	ID          int        `json:"id"`
	RowID       string     `json:"rowId"`
	AktenID     int        `json:"aktenId"`
	Datum       berlinTime `json:"datum"`
	Art         string     `json:"art"`
	Text        string     `json:"text"`
	Kuerzel     string     `json:"kuerzel"`
	GeaendertAm berlinTime `json:"geaendertAm"`
}

func (e *event) mark(m mark) { e.ID, e.RowID, e.GeaendertAm = m.number, m.rowID, berlinTime{m.at} }

const (
	firstEvent = 1
	eventsEach = 3 // of a case, from the start
)

// newHistory has the events of that many cases.
func newHistory(o *Office, cases int) *table[event] {
	return newTable(o, "History", firstEvent, cases*eventsEach, func(number int) event {
		r := o.random("History", number)
		return event{
			AktenID: firstCase + (number-firstEvent)/eventsEach,
			Datum:   berlinTime{o.began.Truncate(time.Minute).Add(-time.Duration(r.IntN(90*24*60)) * time.Minute)},
			Art:     pick(r, []string{"Schriftsatz", "Telefonat", "Vermerk", "Posteingang"}),
			Text:    pick(r, tasks), Kuerzel: pick(r, employees).Kuerzel,
		}
	}, (*event).mark)
}

func (c *cases) listHistory(k *call) *answer.Answer {
	return c.with(k, func(row storedCase) *answer.Answer {
		first, n := firstEvent+(row.ID-firstCase)*eventsEach, eventsEach
		if !c.history.isMade(first) {
			first, n = firstEvent, 0 // a case that was created
		}
		events := c.history.from(first, n)
		return array(k, c.history.most()-c.history.rows+n, func(yield func(event) bool) {
			for e := range events {
				if e.AktenID == row.ID && !yield(e) {
					return
				}
			}
		})
	})
}

// addHistory answers with the event as it stands (inferred).
func (c *cases) addHistory(k *call) *answer.Answer {
	return c.with(k, func(row storedCase) *answer.Answer {
		var e event
		if bad := decode(k.body, maxBody, &e); bad != nil {
			return bad
		}
		e.AktenID = row.ID
		e, bad := c.history.add(e, len(k.body))
		if bad != nil {
			return bad
		}
		return answer.JSON(http.StatusCreated, e)
	})
}
