package office

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
	"github.com/advoware-go/advoware/client/clienttest/internal/rest"
	"github.com/advoware-go/advoware/client/clienttest/internal/table"
)

// appointment is an entry of /appointments. A new one needs Datum and Text.
type appointment struct {
	ID             int    `json:"id"`
	Datum          string `json:"datum"`                // 2006-01-02
	UhrzeitVon     string `json:"uhrzeitVon,omitempty"` // 15:04
	UhrzeitBis     string `json:"uhrzeitBis,omitempty"` // 15:04
	Text           string `json:"text"`
	Ort            string `json:"ort,omitempty"`
	Aktenzeichen   string `json:"aktenzeichen,omitempty"`
	Sachbearbeiter string `json:"sachbearbeiter,omitempty"` // Kuerzel
}

// appointments is the calendar at /appointments.
type appointments struct {
	base   *table.Base
	mu     sync.Mutex
	byID   map[int]appointment
	sizes  map[int]int // of those that were written, in bytes
	lastID int
}

func newAppointments(b *table.Base) *appointments {
	d := &appointments{base: b, byID: make(map[int]appointment), sizes: make(map[int]int)}
	for _, a := range []appointment{
		{121, "2026-02-09", "09:30", "10:15", "Gütetermin", "ArbG Münster, Saal 2", "00023/26", "ÖY"},
		{122, "2026-02-09", "14:00", "", "Frist: Klageerwiderung prüfen", "", "00017/26", "KS"},
		{123, "2026-02-10", "11:00", "12:00", "Erstgespräch Erbengemeinschaft", "Besprechungszimmer Süd", "00042/26", "JM"},
		{124, "2026-02-16", "08:45", "09:30", "Ortsbesichtigung", "Süßmilchstraße 7, Lübeck", "00031/26", "FG"},
	} {
		d.byID[a.ID] = a
		d.lastID = a.ID
	}
	return d
}

// list answers with the appointments of the days "from" to "to", both included, by
// day and number. Either may be missing; "limit" and "offset" work too.
func (d *appointments) list(c *rest.Call) *answer.Answer {
	query := c.Query
	from, to := query.Get("from"), query.Get("to")
	for name, day := range map[string]string{"from": from, "to": to} {
		if day != "" && !isDay(day) {
			return rest.BadParameter(name, "muss ein Datum der Form JJJJ-MM-TT sein")
		}
	}
	d.mu.Lock()
	var found []appointment
	for _, a := range d.byID {
		if (from == "" || a.Datum >= from) && (to == "" || a.Datum <= to) {
			found = append(found, a)
		}
	}
	d.mu.Unlock()
	slices.SortFunc(found, func(a, b appointment) int {
		return cmp.Or(strings.Compare(a.Datum, b.Datum), a.ID-b.ID)
	})
	return rest.Page(c, len(found), slices.Values(found))
}

// create answers with 201, the appointment as it stands and its Location.
func (d *appointments) create(c *rest.Call) *answer.Answer {
	a, bad := changed(appointment{}, c.Body)
	if bad != nil {
		return bad
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.keep(d.lastID+1, a) {
		return rest.Full()
	}
	d.lastID++
	a.ID = d.lastID
	d.byID[a.ID] = a
	made := answer.JSON(http.StatusCreated, a)
	made.Header.Set("Location", fmt.Sprintf("/appointments/%d", a.ID))
	return made
}

func (d *appointments) get(c *rest.Call) *answer.Answer {
	return d.with(c, func(a appointment) *answer.Answer { return answer.JSON(http.StatusOK, a) })
}

// update is PUT as much as PATCH: the vendor's example PUTs a text alone (seed), so
// what the body does not name stays.
func (d *appointments) update(c *rest.Call) *answer.Answer {
	return d.with(c, func(old appointment) *answer.Answer {
		a, bad := changed(old, c.Body)
		if bad != nil {
			return bad
		}
		if !d.keep(a.ID, a) {
			return rest.Full()
		}
		d.byID[a.ID] = a
		return answer.JSON(http.StatusOK, a)
	})
}

func (d *appointments) delete(c *rest.Call) *answer.Answer {
	return d.with(c, func(a appointment) *answer.Answer {
		delete(d.byID, a.ID)
		if size, ok := d.sizes[a.ID]; ok {
			delete(d.sizes, a.ID)
			d.base.Take(-1, -size)
		}
		return rest.NoContent()
	})
}

// keep reports whether there is room for an appointment, and takes it.
func (d *appointments) keep(id int, a appointment) bool {
	size := table.Overhead + len(a.UhrzeitVon) + len(a.UhrzeitBis) + len(a.Text) + len(a.Ort) + len(a.Aktenzeichen) + len(a.Sachbearbeiter)
	old, ok := d.sizes[id]
	rows := 0
	if !ok {
		rows = 1
	}
	if !d.base.Take(rows, size-old) {
		return false
	}
	d.sizes[id] = size
	return true
}

// with calls f under the lock with the appointment that the path names.
func (d *appointments) with(c *rest.Call, f func(appointment) *answer.Answer) *answer.Answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, isNumber := c.Number(0)
	a, ok := d.byID[id]
	if !isNumber || !ok {
		return answer.NotFound()
	}
	return f(a)
}

// changed returns a with the members of a JSON object laid over it, and a refusal
// if that is none or the result is not an appointment. The number never changes;
// members that an appointment does not have are ignored.
func changed(a appointment, body []byte) (appointment, *answer.Answer) {
	id := a.ID
	if bad := rest.Decode(body, maxBody, &a); bad != nil {
		return a, bad
	}
	a.ID = id
	switch {
	case !isDay(a.Datum):
		return a, rest.BadMember("datum", "muss ein Datum der Form JJJJ-MM-TT sein")
	case a.Text == "":
		return a, rest.BadMember("text", "fehlt")
	}
	return a, nil
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}
